CREATE TABLE IF NOT EXISTS subscriptions (
    subscriber TEXT NOT NULL, domain TEXT NOT NULL, partition INTEGER NOT NULL,
    position INTEGER NOT NULL, chain BLOB NOT NULL, epoch INTEGER NOT NULL,
    owner TEXT NOT NULL, lease_until TEXT NOT NULL,
    PRIMARY KEY (subscriber, domain, partition)
) STRICT, WITHOUT ROWID
