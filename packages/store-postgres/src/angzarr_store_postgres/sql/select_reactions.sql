SELECT position, "index", command_id, command, state, outcome FROM reactions
WHERE subscriber = :subscriber AND domain = :domain AND (position > :position OR state = 'due')
ORDER BY position, "index"
