SELECT edition, created_at, description, divergence_point, deleted FROM editions
WHERE domain = :domain AND edition = :name
