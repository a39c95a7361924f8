INSERT INTO layout (layout) SELECT :layout::bigint WHERE NOT EXISTS (SELECT FROM layout)
