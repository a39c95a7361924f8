SELECT edition, root, timer_type, correlation_id, deadline, set_at FROM timers
WHERE domain = ? AND (? = x'' OR root = ?)
    AND (deadline, edition, root, timer_type) > (?, ?, ?, ?)
ORDER BY deadline, edition, root, timer_type LIMIT ?
