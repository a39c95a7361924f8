SELECT id, subscriber, kind, domain, position, sequence, edition, root, cover, payload, event, command_id,
    status, reason, attempts, state, parked_at, attempted_at, note,
    (SELECT count(*) FROM letters AS later
    WHERE later.subscriber = letters.subscriber AND later.domain = letters.domain
        AND later.edition = letters.edition AND later.root = letters.root
        AND later.position > letters.position AND later.state IN ('parked', 'replay'))
FROM letters
WHERE id = :id
