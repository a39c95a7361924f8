INSERT INTO commands (domain, command_id, edition, root, type_url, outcome, first_sequence,
    first_position, count, epoch, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
