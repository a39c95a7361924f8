SELECT sequence, projection FROM projections
WHERE subscriber = :subscriber AND domain = :domain AND edition = :edition AND root = :root
