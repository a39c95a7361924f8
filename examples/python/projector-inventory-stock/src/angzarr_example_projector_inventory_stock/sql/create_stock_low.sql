CREATE INDEX IF NOT EXISTS stock_low ON stock (low_stock)
