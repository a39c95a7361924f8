-- What a login must not be able to do, and whether it is.
SELECT what, bool_or(can) FROM (
    SELECT 'superuser', rolsuper FROM pg_roles WHERE rolname = current_user
    UNION ALL SELECT 'BYPASSRLS', rolbypassrls FROM pg_roles WHERE rolname = current_user
    UNION ALL SELECT 'owner of the tables', pg_has_role(relowner, 'MEMBER')
        FROM pg_class WHERE oid = 'events'::regclass
    UNION ALL SELECT 'allowed to ' || verb || ' rows of ' || name,
        CASE WHEN verb IN ('DELETE', 'TRUNCATE') THEN has_table_privilege(name, verb)
            ELSE has_any_column_privilege(name, verb) END
        FROM unnest(ARRAY['events', 'commands']) AS tables (name),
            unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS verbs (verb)
    UNION ALL SELECT 'a member of ' || rolname, pg_has_role(oid, 'MEMBER') FROM pg_roles
        WHERE rolname ~ '^pg_(write_.*|.*_program|.*_server_files)$'
) AS rights (what, can) GROUP BY what HAVING bool_or(can)
ORDER BY what <> 'superuser', what
