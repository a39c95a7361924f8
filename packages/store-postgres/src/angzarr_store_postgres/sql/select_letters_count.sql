SELECT count(*) FROM letters
WHERE strpos(:states, ',' || state || ',') > 0 AND (:subscriber = '' OR subscriber = :subscriber)
    AND (:domain = '' OR domain = :domain) AND (:root = ''::bytea OR root = :root)
    AND (:kind = '' OR kind = :kind)
