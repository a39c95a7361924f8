DELETE FROM applied WHERE subscriber = :subscriber AND domain = :domain
