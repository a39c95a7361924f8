CREATE TABLE IF NOT EXISTS divergences (
    domain TEXT NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (domain, edition, root)
) STRICT, WITHOUT ROWID
