INSERT OR REPLACE INTO letters (id, subscriber, kind, domain, position, edition, root, payload,
    status, reason, attempts, state, note)
VALUES (:id, :subscriber, 'event', :domain, :position, :edition, :root, :payload, :status,
    :reason, :attempts, :state, '')
