SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM events WHERE domain = ? AND edition = ? AND root = ? AND sequence BETWEEN ? AND ?
ORDER BY sequence
