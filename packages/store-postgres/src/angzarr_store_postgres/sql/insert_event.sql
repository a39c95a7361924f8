INSERT INTO events (domain, position, edition, root, sequence, command_id, correlation_id,
    created_at, digest, chain, page)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bigint[], $6::text[],
    $7::text[], $8::text[], $9::bytea[], $10::bytea[], $11::bytea[])
