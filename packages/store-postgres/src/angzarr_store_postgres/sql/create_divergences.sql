CREATE TABLE IF NOT EXISTS divergences (
    domain text COLLATE "C" NOT NULL, edition text COLLATE "C" NOT NULL, root bytea NOT NULL, sequence bigint NOT NULL,
    PRIMARY KEY (domain, edition, root)
)
