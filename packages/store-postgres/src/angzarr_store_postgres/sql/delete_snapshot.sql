DELETE FROM snapshots WHERE domain = :domain AND edition = :edition AND root = :root
