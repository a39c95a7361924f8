INSERT INTO editions (domain, edition, created_at, description, divergence_point, deleted)
VALUES (:domain, :name, :created_at, :description, :point, false)
