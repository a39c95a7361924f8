CREATE TABLE IF NOT EXISTS head (
    domain text COLLATE "C" NOT NULL PRIMARY KEY, position bigint NOT NULL, epoch bigint NOT NULL,
    chain bytea NOT NULL, layout bigint NOT NULL
)
