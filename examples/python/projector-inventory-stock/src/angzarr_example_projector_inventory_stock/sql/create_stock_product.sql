CREATE INDEX IF NOT EXISTS stock_product ON stock (product_id)
