INSERT INTO letters (id, subscriber, kind, domain, position, sequence, edition, root, cover, payload,
    event, command_id, status, reason, attempts, state, parked_at, attempted_at, note)
VALUES (:id, :subscriber, :kind, :domain, :position, :sequence, :edition, :root, :cover, :payload,
    :event, :command_id, :status, :reason, :attempts, :state, :parked_at, :attempted_at, :note)
ON CONFLICT (id) DO UPDATE SET (subscriber, kind, domain, position, sequence, edition, root, cover,
    payload, event, command_id, status, reason, attempts, state, parked_at, attempted_at, note) = (
    excluded.subscriber, excluded.kind, excluded.domain, excluded.position, excluded.sequence,
    excluded.edition, excluded.root, excluded.cover, excluded.payload, excluded.event,
    excluded.command_id, excluded.status, excluded.reason, excluded.attempts, excluded.state,
    excluded.parked_at, excluded.attempted_at, excluded.note)
