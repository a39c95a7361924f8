SELECT delete_edition(:domain, :edition)
