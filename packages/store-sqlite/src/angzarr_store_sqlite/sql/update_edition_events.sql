UPDATE events SET page = NULL
WHERE domain = :domain AND edition = :edition AND page IS NOT NULL
