UPDATE letters SET state = 'replay' WHERE id = :id AND state = 'parked'
