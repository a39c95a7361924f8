DELETE FROM places WHERE component = ?1
