DELETE FROM reactions WHERE subscriber = :subscriber AND domain = :domain
