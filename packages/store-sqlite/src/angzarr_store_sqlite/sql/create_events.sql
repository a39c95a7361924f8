CREATE TABLE IF NOT EXISTS events (
    domain TEXT NOT NULL, position INTEGER NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL,
    sequence INTEGER NOT NULL, command_id TEXT NOT NULL, correlation_id TEXT NOT NULL,
    created_at TEXT NOT NULL, digest BLOB NOT NULL, chain BLOB NOT NULL, page BLOB,
    PRIMARY KEY (domain, position), UNIQUE (domain, edition, root, sequence)
) STRICT, WITHOUT ROWID
