DELETE FROM projections WHERE subscriber = :subscriber AND domain = :domain
