INSERT OR REPLACE INTO timers
    (domain, edition, root, timer_type, correlation_id, deadline, set_at)
VALUES (:domain, :edition, :root, :timer_type, :correlation_id, :deadline, :set_at)
