SELECT command_id, edition, root, type_url, first_sequence, first_position, count, epoch, status
FROM commands WHERE domain = :domain AND command_id > :after ORDER BY command_id LIMIT :limit
