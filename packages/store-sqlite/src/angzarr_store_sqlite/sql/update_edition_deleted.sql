UPDATE editions SET deleted = 1 WHERE domain = :domain AND edition = :edition
