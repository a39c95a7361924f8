-- One migration at a time in this database, and the number means nothing.
SELECT pg_advisory_xact_lock(4218073311)
