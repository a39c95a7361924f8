CREATE TABLE IF NOT EXISTS events (
    domain text COLLATE "C" NOT NULL, position bigint NOT NULL, edition text COLLATE "C" NOT NULL, root bytea NOT NULL,
    sequence bigint NOT NULL, command_id text COLLATE "C" NOT NULL, correlation_id text COLLATE "C" NOT NULL,
    created_at text COLLATE "C" NOT NULL, digest bytea NOT NULL, chain bytea NOT NULL, page bytea,
    PRIMARY KEY (domain, position), UNIQUE (domain, edition, root, sequence)
)
