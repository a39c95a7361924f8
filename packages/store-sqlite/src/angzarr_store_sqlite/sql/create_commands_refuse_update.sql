CREATE TRIGGER IF NOT EXISTS commands_refuse_update BEFORE UPDATE ON commands
BEGIN SELECT RAISE(ABORT, 'commands are never changed'); END
