SELECT snapshots.sequence, snapshots.state FROM snapshots
JOIN events USING (domain, edition, root, sequence, chain)
WHERE domain = :domain AND edition = :edition AND root = :root
