SELECT count(*) FROM letters
WHERE instr(:states, ',' || state || ',') AND (:subscriber = '' OR subscriber = :subscriber)
    AND (:domain = '' OR domain = :domain) AND (:root = x'' OR root = :root)
    AND (:kind = '' OR kind = :kind)
