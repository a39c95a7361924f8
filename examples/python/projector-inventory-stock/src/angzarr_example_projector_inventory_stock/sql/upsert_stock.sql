INSERT INTO {table} (root, product_id, on_hand, reserved, available, low_stock_threshold, low_stock,
    last_alert_at, last_sequence, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (root) DO UPDATE SET product_id = excluded.product_id, on_hand = excluded.on_hand,
    reserved = excluded.reserved, available = excluded.available,
    low_stock_threshold = excluded.low_stock_threshold, low_stock = excluded.low_stock,
    last_alert_at = excluded.last_alert_at, last_sequence = excluded.last_sequence,
    updated_at = excluded.updated_at
