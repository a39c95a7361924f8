CREATE TABLE IF NOT EXISTS applied (
    subscriber TEXT NOT NULL, domain TEXT NOT NULL, partition INTEGER NOT NULL,
    position INTEGER NOT NULL, PRIMARY KEY (subscriber, domain, partition, position)
) STRICT, WITHOUT ROWID
