SELECT chain FROM events WHERE domain = :domain AND position = :position
