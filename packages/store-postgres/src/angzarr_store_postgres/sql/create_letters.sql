CREATE TABLE IF NOT EXISTS letters (
    id text COLLATE "C" NOT NULL PRIMARY KEY, subscriber text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL,
    position bigint NOT NULL, sequence bigint NOT NULL, edition text COLLATE "C" NOT NULL,
    root bytea NOT NULL, cover bytea NOT NULL, payload bytea NOT NULL, event bytea NOT NULL,
    command_id text COLLATE "C" NOT NULL, status bytea NOT NULL, reason text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL, state text COLLATE "C" NOT NULL, parked_at text COLLATE "C" NOT NULL,
    attempted_at text COLLATE "C" NOT NULL, note text COLLATE "C" NOT NULL
)
