SELECT name, setting FROM pg_settings WHERE name = ANY(:names)
UNION ALL SELECT 'pg_is_in_recovery', pg_is_in_recovery()::text
UNION ALL SELECT 'pg_backend_pid', pg_backend_pid()::text
