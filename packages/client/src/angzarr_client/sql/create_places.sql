CREATE TABLE IF NOT EXISTS places (
    component TEXT NOT NULL, domain TEXT NOT NULL, edition TEXT NOT NULL, root BYTEA NOT NULL,
    sequence BIGINT NOT NULL, position BIGINT NOT NULL,
    PRIMARY KEY (component, domain, edition, root)
)
