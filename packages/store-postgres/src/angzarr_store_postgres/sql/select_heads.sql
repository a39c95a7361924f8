SELECT wanted.edition, wanted.root, last.sequence
FROM unnest($1::text[], $2::text[], $3::bytea[]) AS wanted (domain, edition, root)
CROSS JOIN LATERAL (
    SELECT events.sequence FROM events
    WHERE events.domain = wanted.domain AND events.edition = wanted.edition
        AND events.root = wanted.root
    ORDER BY events.sequence DESC LIMIT 1
) AS last
