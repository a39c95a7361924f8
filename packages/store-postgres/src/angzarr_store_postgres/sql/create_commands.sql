CREATE TABLE IF NOT EXISTS commands (
    domain text COLLATE "C" NOT NULL, command_id text COLLATE "C" NOT NULL, edition text COLLATE "C" NOT NULL, root bytea NOT NULL,
    type_url text COLLATE "C" NOT NULL, outcome text COLLATE "C" NOT NULL, first_sequence bigint NOT NULL,
    first_position bigint NOT NULL, count bigint NOT NULL, epoch bigint NOT NULL, status bytea,
    PRIMARY KEY (domain, command_id)
)
