DELETE FROM letters WHERE subscriber = :subscriber AND domain = :domain
