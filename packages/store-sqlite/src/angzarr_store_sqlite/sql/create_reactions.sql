CREATE TABLE IF NOT EXISTS reactions (
    subscriber TEXT NOT NULL, domain TEXT NOT NULL, position INTEGER NOT NULL,
    "index" INTEGER NOT NULL, command_id TEXT NOT NULL, command BLOB NOT NULL,
    state TEXT NOT NULL, outcome BLOB NOT NULL,
    PRIMARY KEY (subscriber, domain, position, "index")
) STRICT, WITHOUT ROWID
