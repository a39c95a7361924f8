-- The inner select reads no page, only how long each is.
SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM (
    SELECT
        domain, position, row_number() OVER lead AS number,
        sum(coalesce(length(page), 0)) OVER lead AS size
    FROM events
    WHERE domain = ?1 AND edition = ?2 AND root = ?3 AND sequence BETWEEN ?4 AND ?5
    WINDOW lead AS (ORDER BY sequence ROWS UNBOUNDED PRECEDING)
) JOIN events USING (domain, position)
WHERE size <= ?6 OR number = 1 ORDER BY sequence
