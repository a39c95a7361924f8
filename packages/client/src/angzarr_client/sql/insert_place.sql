INSERT INTO places (component, domain, edition, root, sequence, position)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO NOTHING
