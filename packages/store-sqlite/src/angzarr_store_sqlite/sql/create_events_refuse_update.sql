CREATE TRIGGER IF NOT EXISTS events_refuse_update BEFORE UPDATE ON events
WHEN OLD.edition = 'angzarr' OR NEW.page IS NOT NULL OR (
    NEW.domain, NEW.position, NEW.edition, NEW.root, NEW.sequence, NEW.command_id,
    NEW.correlation_id, NEW.created_at, NEW.digest, NEW.chain
) IS NOT (
    OLD.domain, OLD.position, OLD.edition, OLD.root, OLD.sequence, OLD.command_id,
    OLD.correlation_id, OLD.created_at, OLD.digest, OLD.chain
)
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
