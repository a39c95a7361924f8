-- What only who prepares a database may do, as far as it is not done.
SELECT format(template, :login::text, :schema::text, current_database())
FROM (VALUES
    ('CREATE ROLE angzarr_owner NOLOGIN',
        to_regrole('angzarr_owner') IS NULL),
    ('GRANT angzarr_owner TO CURRENT_USER',
        to_regrole('angzarr_owner') IS NULL AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)),
    ('GRANT CREATE ON DATABASE %3$I TO angzarr_owner',
        to_regrole('angzarr_owner') IS NULL
        OR NOT has_database_privilege(to_regrole('angzarr_owner'), current_database(), 'CREATE')),
    ('CREATE ROLE %1$I LOGIN',
        to_regrole(quote_ident(:login)) IS NULL),
    ('REVOKE ALL ON SCHEMA public FROM PUBLIC',
        EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public'
            AND pg_has_role(nspowner, 'MEMBER') AND has_schema_privilege(oid, 'USAGE')))
) AS preparation (template, is_due) WHERE is_due
