CREATE TABLE IF NOT EXISTS projections (
    subscriber text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL, edition text COLLATE "C" NOT NULL, root bytea NOT NULL,
    sequence bigint NOT NULL, projection bytea NOT NULL,
    PRIMARY KEY (subscriber, domain, edition, root)
)
