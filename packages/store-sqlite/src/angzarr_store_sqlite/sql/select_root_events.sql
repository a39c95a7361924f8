SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM events WHERE domain = :domain AND edition = :edition AND root = :root AND sequence BETWEEN :first AND :last
ORDER BY sequence
