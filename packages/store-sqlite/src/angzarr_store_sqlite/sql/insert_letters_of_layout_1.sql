INSERT INTO letters (id, subscriber, kind, domain, position, sequence, edition, root, cover, payload, event, command_id,
    status, reason, attempts, state, parked_at, attempted_at, note)
SELECT id, subscriber, kind, domain, position, 0, edition, root, x'', payload, x'', '',
    status, reason, attempts, state, '', '', note
FROM letters_1
