SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM events WHERE domain = :domain AND position > :after ORDER BY position LIMIT :limit
