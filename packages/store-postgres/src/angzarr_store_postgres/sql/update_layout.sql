UPDATE layout SET layout = :layout
