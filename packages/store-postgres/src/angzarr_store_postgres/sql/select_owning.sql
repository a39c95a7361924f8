SELECT format(template, :schema::text)
FROM (VALUES
    ('SET LOCAL ROLE angzarr_owner'),
    ('CREATE SCHEMA IF NOT EXISTS %I')
) AS owning (template)
