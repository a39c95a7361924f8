INSERT OR IGNORE INTO applied (subscriber, domain, partition, position)
VALUES (:subscriber, :domain, 0, :position)
