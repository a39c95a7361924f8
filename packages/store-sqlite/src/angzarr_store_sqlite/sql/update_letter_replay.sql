UPDATE letters SET state = 'replay' WHERE id = ? AND state = 'parked'
