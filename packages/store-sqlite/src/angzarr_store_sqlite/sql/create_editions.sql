CREATE TABLE IF NOT EXISTS editions (
    domain TEXT NOT NULL, edition TEXT NOT NULL, divergence_point BLOB, deleted INTEGER NOT NULL,
    PRIMARY KEY (domain, edition)
) STRICT, WITHOUT ROWID
