CREATE TABLE IF NOT EXISTS applied (
    subscriber text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL, partition bigint NOT NULL,
    position bigint NOT NULL, PRIMARY KEY (subscriber, domain, partition, position)
)
