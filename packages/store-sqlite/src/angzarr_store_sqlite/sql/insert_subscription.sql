INSERT INTO subscriptions (subscriber, domain, partition, position, chain, epoch, owner, lease_until)
VALUES (:subscriber, :domain, 0, 0, :chain, 1, '', '')
ON CONFLICT (subscriber, domain, partition) DO UPDATE SET epoch = epoch + 1
RETURNING position, chain, epoch
