DELETE FROM divergences WHERE domain = :domain AND edition = :edition
