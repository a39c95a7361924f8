CREATE INDEX IF NOT EXISTS letters_root
ON letters (subscriber, domain, edition, root, position)
