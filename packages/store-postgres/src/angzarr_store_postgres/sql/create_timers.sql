CREATE TABLE IF NOT EXISTS timers (
    domain text COLLATE "C" NOT NULL, edition text COLLATE "C" NOT NULL, root bytea NOT NULL, timer_type text COLLATE "C" NOT NULL,
    correlation_id text COLLATE "C" NOT NULL, deadline text COLLATE "C" NOT NULL, set_at text COLLATE "C" NOT NULL,
    PRIMARY KEY (domain, edition, root, timer_type)
)
