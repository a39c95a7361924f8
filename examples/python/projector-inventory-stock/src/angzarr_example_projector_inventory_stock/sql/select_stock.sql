SELECT product_id, on_hand, reserved, low_stock_threshold, last_alert_at, last_sequence, updated_at
FROM {table} WHERE root = ?1
