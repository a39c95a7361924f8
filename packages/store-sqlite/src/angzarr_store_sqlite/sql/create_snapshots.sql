CREATE TABLE IF NOT EXISTS snapshots (
    domain TEXT NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL, sequence INTEGER NOT NULL,
    chain BLOB NOT NULL, state BLOB NOT NULL, PRIMARY KEY (domain, edition, root)
) STRICT, WITHOUT ROWID
