ALTER TABLE stock_rebuild RENAME TO stock
