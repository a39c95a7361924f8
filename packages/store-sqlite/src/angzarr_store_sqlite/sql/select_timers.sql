SELECT edition, root, timer_type, correlation_id, deadline, set_at FROM timers
WHERE domain = :domain AND (:root = x'' OR root = :root)
    AND (deadline, edition, root, timer_type) > (:after_deadline, :after_edition, :after_root, :after_type)
ORDER BY deadline, edition, root, timer_type LIMIT :limit
