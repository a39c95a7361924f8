SELECT
    (SELECT sequence FROM events WHERE domain = :domain AND edition = :edition AND root = :root
        ORDER BY sequence DESC LIMIT 1),
    command_id, edition, root, type_url, first_sequence, first_position, count, epoch, status
FROM (SELECT 1) AS one LEFT JOIN commands ON domain = :domain AND command_id = :command_id
