INSERT INTO projections (subscriber, domain, edition, root, sequence, projection)
VALUES (:subscriber, :domain, :edition, :root, :sequence, :projection)
ON CONFLICT (subscriber, domain, edition, root) DO UPDATE
SET sequence = excluded.sequence, projection = excluded.projection
WHERE excluded.sequence >= projections.sequence
