SELECT sequence FROM places WHERE component = ?1 AND domain = ?2 AND edition = ?3 AND root = ?4
