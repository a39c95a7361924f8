UPDATE subscriptions SET position = :new, chain = :chain
WHERE subscriber = :subscriber AND domain = :domain AND partition = 0
    AND epoch = :epoch AND position = :old
