UPDATE head SET layout = :layout
