CREATE INDEX IF NOT EXISTS events_correlation ON events (domain, correlation_id, position)
