INSERT OR REPLACE INTO letters (id, subscriber, kind, domain, position, sequence, edition, root, cover, payload, event, command_id,
    status, reason, attempts, state, parked_at, attempted_at, note)
VALUES (:id, :subscriber, :kind, :domain, :position, :sequence, :edition, :root, :cover, :payload,
    :event, :command_id, :status, :reason, :attempts, :state, :parked_at, :attempted_at, :note)
