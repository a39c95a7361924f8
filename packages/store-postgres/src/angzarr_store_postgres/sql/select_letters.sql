SELECT id, subscriber, kind, domain, position, sequence, edition, root, cover, ''::bytea, ''::bytea, command_id,
    status, reason, attempts, state, parked_at, attempted_at, note
FROM letters
WHERE subscriber = :subscriber AND domain = :domain
    AND state IN ('retrying', 'parked', 'replay')
ORDER BY position, id
