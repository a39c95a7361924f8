-- In the time of the database. No row comes back while somebody else holds the lease.
INSERT INTO subscriptions AS held
    (subscriber, domain, partition, position, chain, epoch, owner, lease_until)
VALUES (:subscriber, :domain, 0, 0, :chain, 1, :owner,
    clock_timestamp() + :seconds::float8 * interval '1 second')
ON CONFLICT (subscriber, domain, partition) DO UPDATE
SET epoch = held.epoch + 1, owner = excluded.owner, lease_until = excluded.lease_until
WHERE held.owner IN ('', excluded.owner) OR held.lease_until < clock_timestamp()
RETURNING position, chain, epoch
