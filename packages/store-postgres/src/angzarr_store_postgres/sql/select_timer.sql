SELECT deadline FROM timers
WHERE domain = :domain AND edition = :edition AND root = :root AND timer_type = :timer_type
    AND deadline = :deadline FOR UPDATE
