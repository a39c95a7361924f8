SELECT
    edition, created_at, description, divergence_point, deleted,
    (SELECT sequence FROM divergences
        WHERE domain = :domain AND edition = :edition AND root = :root),
    (SELECT sequence FROM divergences
        WHERE domain = :domain AND edition = :edition AND root = :whole),
    (SELECT sequence FROM events WHERE domain = :domain AND edition = :main AND root = :root
        ORDER BY sequence DESC LIMIT 1),
    (SELECT sequence FROM events WHERE domain = :domain AND edition = :edition AND root = :root
        ORDER BY sequence DESC LIMIT 1)
FROM (SELECT 1) AS one LEFT JOIN editions ON domain = :domain AND edition = :edition
