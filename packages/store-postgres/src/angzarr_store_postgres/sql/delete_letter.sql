DELETE FROM letters WHERE id = :id AND state = 'retrying'
