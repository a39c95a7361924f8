CREATE TABLE IF NOT EXISTS projections (
    subscriber TEXT NOT NULL, domain TEXT NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL,
    sequence INTEGER NOT NULL, projection BLOB NOT NULL,
    PRIMARY KEY (subscriber, domain, edition, root)
) STRICT, WITHOUT ROWID
