UPDATE subscriptions SET owner = '' WHERE owner = :owner
