UPDATE subscriptions SET lease_until = clock_timestamp() + :seconds::float8 * interval '1 second'
WHERE owner = :owner
