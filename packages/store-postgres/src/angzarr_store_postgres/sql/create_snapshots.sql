CREATE TABLE IF NOT EXISTS snapshots (
    domain text COLLATE "C" NOT NULL, edition text COLLATE "C" NOT NULL, root bytea NOT NULL, sequence bigint NOT NULL,
    chain bytea NOT NULL, state bytea NOT NULL, PRIMARY KEY (domain, edition, root)
)
