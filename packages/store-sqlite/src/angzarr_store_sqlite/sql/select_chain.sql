SELECT chain FROM events WHERE domain = ? AND position = ?
