UPDATE letters SET state = 'discarded', note = :note
WHERE id = :id AND state = 'parked' RETURNING id
