CREATE TABLE IF NOT EXISTS {table} (
    root BLOB PRIMARY KEY, product_id TEXT NOT NULL, on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL, available INTEGER NOT NULL CHECK (available = on_hand - reserved),
    low_stock_threshold INTEGER NOT NULL, low_stock INTEGER NOT NULL, last_alert_at TEXT,
    last_sequence INTEGER NOT NULL, updated_at TEXT NOT NULL
) STRICT
