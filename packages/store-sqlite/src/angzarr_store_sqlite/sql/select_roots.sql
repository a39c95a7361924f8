SELECT root, position FROM events
WHERE domain = ? AND edition = 'angzarr' AND sequence = 0 AND position > ?
ORDER BY position LIMIT ?
