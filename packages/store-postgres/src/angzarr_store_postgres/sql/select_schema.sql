SELECT to_regclass('layout') IS NOT NULL
