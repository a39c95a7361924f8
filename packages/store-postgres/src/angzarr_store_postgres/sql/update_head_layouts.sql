UPDATE head SET layout = :layout, epoch = epoch + 1 WHERE layout < :layout
