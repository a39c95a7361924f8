SELECT id, subscriber, kind, domain, position, sequence, edition, root, cover, ''::bytea, ''::bytea, command_id,
    status, reason, attempts, state, parked_at, attempted_at, note,
    (SELECT count(*) FROM letters AS later
    WHERE later.subscriber = letters.subscriber AND later.domain = letters.domain
        AND later.edition = letters.edition AND later.root = letters.root
        AND later.position > letters.position AND later.state IN ('parked', 'replay'))
FROM letters
WHERE strpos(:states, ',' || state || ',') > 0 AND (:subscriber = '' OR subscriber = :subscriber)
    AND (:domain = '' OR domain = :domain) AND (:root = ''::bytea OR root = :root)
    AND (:kind = '' OR kind = :kind)
    AND (parked_at, id) > (:after, :after_id)
ORDER BY parked_at, id LIMIT :limit
