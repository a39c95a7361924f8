SELECT edition, root, sequence FROM events WHERE domain = ? AND edition = ? AND root = ?
ORDER BY sequence DESC LIMIT 1
