INSERT INTO checkpoints (component, domain, edition, root, sequence, position)
VALUES (:component, :domain, :edition, :root, :sequence, :position)
ON CONFLICT DO NOTHING
