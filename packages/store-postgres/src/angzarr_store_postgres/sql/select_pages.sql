SELECT position, edition, root, sequence, command_id, correlation_id, created_at, digest, chain, page
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[])
    AS wanted (domain, edition, root, first, last)
JOIN events USING (domain, edition, root)
WHERE sequence BETWEEN wanted.first AND wanted.last ORDER BY position
