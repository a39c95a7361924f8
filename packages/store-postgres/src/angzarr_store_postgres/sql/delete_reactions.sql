DELETE FROM reactions
WHERE subscriber = :subscriber AND domain = :domain AND position <= :new AND position > :old
    AND state IN ('accepted', 'discarded')
