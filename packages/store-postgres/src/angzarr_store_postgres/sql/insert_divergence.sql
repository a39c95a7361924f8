INSERT INTO divergences (domain, edition, root, sequence)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[])
