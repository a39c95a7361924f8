SELECT subscriber, domain, position, chain FROM subscriptions ORDER BY subscriber, domain, partition
