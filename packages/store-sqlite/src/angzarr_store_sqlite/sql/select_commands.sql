SELECT command_id, edition, root, type_url, first_sequence, first_position, count, epoch, status
FROM commands WHERE domain = ? AND command_id > ? ORDER BY command_id LIMIT ?
