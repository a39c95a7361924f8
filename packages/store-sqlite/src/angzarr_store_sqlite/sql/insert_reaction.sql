INSERT OR REPLACE INTO reactions
    (subscriber, domain, position, "index", command_id, command, state, outcome)
VALUES (:subscriber, :domain, :position, :index, :command_id, :command, :state, :outcome)
