CREATE TABLE IF NOT EXISTS editions (
    domain TEXT NOT NULL, edition TEXT NOT NULL, created_at TEXT NOT NULL,
    description TEXT NOT NULL, divergence_point BLOB NOT NULL, deleted INTEGER NOT NULL,
    PRIMARY KEY (domain, edition)
) STRICT, WITHOUT ROWID
