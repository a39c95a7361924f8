DELETE FROM timers WHERE domain = :domain AND edition = :edition
