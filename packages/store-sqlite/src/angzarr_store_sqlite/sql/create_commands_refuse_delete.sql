CREATE TRIGGER IF NOT EXISTS commands_refuse_delete BEFORE DELETE ON commands
BEGIN SELECT RAISE(ABORT, 'commands are never changed'); END
