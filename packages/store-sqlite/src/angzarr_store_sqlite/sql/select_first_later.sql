SELECT min(sequence) FROM events
WHERE domain = ? AND edition = ? AND root = ? AND created_at > ?
