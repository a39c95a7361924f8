INSERT INTO divergences (domain, edition, root, sequence) VALUES (?, ?, ?, ?)
