-- The inner select reads no page, only how long each is.
SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM (
    SELECT
        domain, position, row_number() OVER lead AS number,
        sum(coalesce(length(page), 0)) OVER lead AS size
    FROM events
    WHERE domain = :domain AND edition = :edition AND root = :root AND sequence BETWEEN :first AND :last
    WINDOW lead AS (ORDER BY sequence ROWS UNBOUNDED PRECEDING)
) JOIN events USING (domain, position)
WHERE size <= :limit_bytes OR number = 1 ORDER BY sequence
