UPDATE head SET epoch = epoch + 1 WHERE domain = :domain
