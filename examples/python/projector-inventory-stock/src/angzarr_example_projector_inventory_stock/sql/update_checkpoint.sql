UPDATE checkpoints SET sequence = :sequence, position = :position
WHERE component = :component AND domain = :domain AND edition = :edition AND root = :root
    AND sequence = :previous
