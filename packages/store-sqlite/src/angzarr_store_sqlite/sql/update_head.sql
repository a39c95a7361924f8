UPDATE head SET position = :position, chain = :chain
WHERE domain = :domain AND position = :old AND epoch = :epoch
RETURNING position
