UPDATE places SET component = ?2 WHERE component = ?1
