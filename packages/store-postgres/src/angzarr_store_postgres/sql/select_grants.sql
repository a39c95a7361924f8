SELECT format(template, :login::text, :schema::text)
FROM (VALUES
    ('GRANT USAGE ON SCHEMA %2$I TO %1$I'),
    ('GRANT SELECT ON layout TO %1$I'),
    ('GRANT SELECT, INSERT ON events, commands, editions, divergences TO %1$I'),
    ('GRANT SELECT, UPDATE (position, epoch, chain) ON head TO %1$I'),
    ('GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots, subscriptions, applied, reactions, timers, '
        'projections, letters TO %1$I'),
    ('REVOKE EXECUTE ON FUNCTION create_head(text), delete_edition(text, text) FROM PUBLIC'),
    ('GRANT EXECUTE ON FUNCTION create_head(text), delete_edition(text, text) TO %1$I')
) AS grants (template)
