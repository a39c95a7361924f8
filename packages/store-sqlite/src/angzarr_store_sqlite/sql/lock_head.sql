SELECT position, epoch, chain FROM head WHERE domain = :domain
