INSERT INTO reactions
    (subscriber, domain, position, "index", command_id, command, state, outcome)
VALUES (:subscriber, :domain, :position, :index, :command_id, :command, :state, :outcome)
ON CONFLICT (subscriber, domain, position, "index") DO UPDATE
SET (command_id, command, state, outcome) =
    (excluded.command_id, excluded.command, excluded.state, excluded.outcome)
