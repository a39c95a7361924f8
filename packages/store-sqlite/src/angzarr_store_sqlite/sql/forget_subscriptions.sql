DELETE FROM subscriptions WHERE subscriber = :subscriber AND domain = :domain
