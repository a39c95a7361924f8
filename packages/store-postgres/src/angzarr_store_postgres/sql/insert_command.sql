INSERT INTO commands (domain, command_id, edition, root, type_url, outcome, first_sequence,
    first_position, count, epoch, status)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[])
