DROP TABLE letters_1
