UPDATE reactions SET state = 'discarded'
WHERE subscriber = :subscriber AND domain = :domain AND position = :position
    AND state IN ('owed', 'parked') AND (:command_id = '' OR command_id = :command_id)
