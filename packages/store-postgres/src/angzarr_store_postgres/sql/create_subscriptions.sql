CREATE TABLE IF NOT EXISTS subscriptions (
    subscriber text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL, partition bigint NOT NULL,
    position bigint NOT NULL, chain bytea NOT NULL, epoch bigint NOT NULL,
    owner text COLLATE "C" NOT NULL, lease_until timestamptz NOT NULL,
    PRIMARY KEY (subscriber, domain, partition)
)
