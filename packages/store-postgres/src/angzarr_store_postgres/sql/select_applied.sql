SELECT position FROM applied
WHERE subscriber = :subscriber AND domain = :domain AND partition = 0
