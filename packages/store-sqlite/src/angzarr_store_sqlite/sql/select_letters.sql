SELECT id, position, edition, root, payload, status, reason, attempts, state FROM letters
WHERE subscriber = :subscriber AND domain = :domain AND state IN ('retrying', 'parked')
ORDER BY position
