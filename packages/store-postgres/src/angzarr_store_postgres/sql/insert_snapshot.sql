INSERT INTO snapshots (domain, edition, root, sequence, chain, state)
SELECT domain, edition, root, sequence, chain, :state::bytea FROM events
WHERE domain = :domain AND edition = :edition AND root = :root AND sequence = :sequence
    AND page IS NOT NULL
ON CONFLICT (domain, edition, root) DO UPDATE
SET sequence = excluded.sequence, chain = excluded.chain, state = excluded.state
WHERE excluded.sequence > snapshots.sequence
