CREATE TABLE IF NOT EXISTS timers (
    domain TEXT NOT NULL, edition TEXT NOT NULL, root BLOB NOT NULL, timer_type TEXT NOT NULL,
    correlation_id TEXT NOT NULL, deadline TEXT NOT NULL, set_at TEXT NOT NULL,
    PRIMARY KEY (domain, edition, root, timer_type)
) STRICT, WITHOUT ROWID
