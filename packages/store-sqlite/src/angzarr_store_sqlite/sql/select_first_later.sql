SELECT min(sequence) FROM events
WHERE domain = :domain AND edition = :edition AND root = :root AND created_at > :created_at
