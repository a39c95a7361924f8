ALTER TABLE letters RENAME TO letters_1
