UPDATE places SET sequence = ?5, position = ?6
WHERE component = ?1 AND domain = ?2 AND edition = ?3 AND root = ?4 AND sequence = ?7
