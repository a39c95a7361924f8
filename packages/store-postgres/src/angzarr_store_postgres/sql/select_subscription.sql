SELECT position, chain, epoch FROM subscriptions
WHERE subscriber = :subscriber AND domain = :domain AND partition = 0 FOR UPDATE
