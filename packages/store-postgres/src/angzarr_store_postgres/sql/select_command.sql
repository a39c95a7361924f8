SELECT command_id, edition, root, type_url, first_sequence, first_position, count, epoch, status
FROM unnest($1::text[], $2::text[]) AS wanted (domain, command_id)
JOIN commands USING (domain, command_id)
