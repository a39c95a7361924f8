CREATE TABLE IF NOT EXISTS layout (
    layout bigint NOT NULL
)
