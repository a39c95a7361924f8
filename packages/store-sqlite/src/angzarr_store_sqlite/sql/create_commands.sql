CREATE TABLE IF NOT EXISTS commands (
    domain TEXT NOT NULL, command_id TEXT NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL,
    type_url TEXT NOT NULL, outcome TEXT NOT NULL, first_sequence INTEGER NOT NULL,
    first_position INTEGER NOT NULL, count INTEGER NOT NULL, epoch INTEGER NOT NULL, status BLOB,
    PRIMARY KEY (domain, command_id)
) STRICT, WITHOUT ROWID
