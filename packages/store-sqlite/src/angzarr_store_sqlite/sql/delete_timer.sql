DELETE FROM timers WHERE domain = ? AND edition = ? AND root = ? AND timer_type = ?
