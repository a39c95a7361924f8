UPDATE letters SET state = 'replay' FROM unnest($1::text[]) AS wanted (id)
WHERE letters.id = wanted.id AND state = 'parked'
