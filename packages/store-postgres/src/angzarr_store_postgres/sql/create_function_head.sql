-- What a login may do to heads that it may not insert: begin an empty log.
CREATE OR REPLACE FUNCTION create_head(new_domain text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    INSERT INTO head (domain, position, epoch, chain, layout)
    SELECT new_domain, 0, 0, decode(repeat('00', 32), 'hex'), layout FROM layout
    ON CONFLICT DO NOTHING
$$
