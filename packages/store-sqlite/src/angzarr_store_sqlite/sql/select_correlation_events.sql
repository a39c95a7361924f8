SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM events WHERE domain = ? AND correlation_id = ? AND edition = ? ORDER BY position
