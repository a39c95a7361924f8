CREATE TABLE IF NOT EXISTS reactions (
    subscriber text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL, position bigint NOT NULL,
    "index" bigint NOT NULL, command_id text COLLATE "C" NOT NULL, command bytea NOT NULL,
    state text COLLATE "C" NOT NULL, outcome bytea NOT NULL,
    PRIMARY KEY (subscriber, domain, position, "index")
)
