CREATE TABLE IF NOT EXISTS checkpoints (
    component TEXT NOT NULL, domain TEXT NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL,
    sequence INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (component, domain, edition, root)
) STRICT, WITHOUT ROWID
