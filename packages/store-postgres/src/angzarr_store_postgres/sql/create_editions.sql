CREATE TABLE IF NOT EXISTS editions (
    domain text COLLATE "C" NOT NULL, edition text COLLATE "C" NOT NULL, created_at text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL, divergence_point bytea NOT NULL, deleted boolean NOT NULL,
    PRIMARY KEY (domain, edition)
)
