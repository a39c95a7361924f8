SELECT root, position FROM events
WHERE domain = :domain AND edition = 'angzarr' AND sequence = 0 AND position > :after
ORDER BY position LIMIT :limit
