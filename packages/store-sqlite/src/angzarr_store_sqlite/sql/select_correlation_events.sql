-- The inner select reads no page, only how long each is.
SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM (
    SELECT
        domain, position, row_number() OVER lead AS number,
        sum(coalesce(length(page), 0)) OVER lead AS size
    FROM events INDEXED BY events_correlation
    WHERE domain = :domain AND correlation_id = :correlation_id AND edition = :edition AND position > :after
    WINDOW lead AS (ORDER BY position ROWS UNBOUNDED PRECEDING)
    ORDER BY position LIMIT :limit
) JOIN events USING (domain, position)
WHERE size <= :limit_bytes OR number = 1 ORDER BY position
