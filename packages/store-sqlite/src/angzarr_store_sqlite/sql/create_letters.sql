CREATE TABLE IF NOT EXISTS letters (
    id TEXT PRIMARY KEY, subscriber TEXT NOT NULL, kind TEXT NOT NULL, domain TEXT NOT NULL,
    position INTEGER NOT NULL, sequence INTEGER NOT NULL, edition TEXT NOT NULL,
    root BLOB NOT NULL, cover BLOB NOT NULL, payload BLOB NOT NULL, event BLOB NOT NULL,
    command_id TEXT NOT NULL, status BLOB NOT NULL, reason TEXT NOT NULL,
    attempts INTEGER NOT NULL, state TEXT NOT NULL, parked_at TEXT NOT NULL,
    attempted_at TEXT NOT NULL, note TEXT NOT NULL
) STRICT, WITHOUT ROWID
