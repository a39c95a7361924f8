INSERT OR IGNORE INTO head (domain, position, epoch, chain, layout)
VALUES (:domain, 0, 0, :chain, :layout)
