SELECT sequence FROM checkpoints
WHERE component = :component AND domain = :domain AND edition = :edition AND root = :root
