INSERT INTO applied (subscriber, domain, partition, position)
VALUES (:subscriber, :domain, 0, :position)
ON CONFLICT DO NOTHING
