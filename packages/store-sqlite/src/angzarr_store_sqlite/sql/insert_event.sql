INSERT INTO events (domain, position, edition, root, sequence, command_id, correlation_id,
    created_at, digest, chain, page) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
