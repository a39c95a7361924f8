INSERT INTO timers
    (domain, edition, root, timer_type, correlation_id, deadline, set_at)
VALUES (:domain, :edition, :root, :timer_type, :correlation_id, :deadline, :set_at)
ON CONFLICT (domain, edition, root, timer_type) DO UPDATE
SET (correlation_id, deadline, set_at) =
    (excluded.correlation_id, excluded.deadline, excluded.set_at)
