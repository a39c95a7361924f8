CREATE INDEX IF NOT EXISTS timers_deadline ON timers (domain, deadline, edition, root, timer_type)
