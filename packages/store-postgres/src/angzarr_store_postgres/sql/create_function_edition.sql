-- What a login may do to events that it may not change. Main is no edition.
CREATE OR REPLACE FUNCTION delete_edition(of_domain text, name text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    WITH gone AS (
        UPDATE editions SET deleted = true
        WHERE domain = of_domain AND edition = name AND edition <> 'angzarr'
        RETURNING domain, edition
    ), tombstones AS (
        UPDATE events SET page = NULL FROM gone
        WHERE events.domain = gone.domain AND events.edition = gone.edition AND page IS NOT NULL
    ), unsnapped AS (
        DELETE FROM snapshots USING gone
        WHERE snapshots.domain = gone.domain AND snapshots.edition = gone.edition
    ), unpinned AS (
        DELETE FROM divergences USING gone
        WHERE divergences.domain = gone.domain AND divergences.edition = gone.edition
    )
    DELETE FROM timers USING gone
    WHERE timers.domain = gone.domain AND timers.edition = gone.edition
$$
