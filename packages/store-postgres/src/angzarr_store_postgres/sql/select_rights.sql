-- What a login must not be able to do, and is, the worst first.
SELECT what FROM (
    SELECT 1, 'superuser', rolsuper FROM pg_roles WHERE rolname = current_user
    UNION ALL SELECT 2, 'BYPASSRLS', rolbypassrls FROM pg_roles WHERE rolname = current_user
    UNION ALL SELECT 3, 'owner of the tables', pg_has_role(relowner, 'MEMBER')
        FROM pg_class WHERE oid = 'events'::regclass
    UNION ALL SELECT 4, 'a member of ' || rolname, pg_has_role(oid, 'MEMBER') FROM pg_roles
        WHERE rolname ~ '^pg_(write_.*|.*_program|.*_server_files)$'
    UNION ALL SELECT 5, 'allowed to ' || verb || ' rows of ' || name,
        CASE WHEN verb IN ('DELETE', 'TRUNCATE') THEN has_table_privilege(name, verb)
            ELSE has_any_column_privilege(name, verb) END
        FROM unnest(ARRAY['events', 'commands']) AS tables (name),
            unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS verbs (verb)
) AS rights (weight, what, can) WHERE can ORDER BY weight, what
