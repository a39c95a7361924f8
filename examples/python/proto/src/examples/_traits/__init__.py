"""What the messages of the shop can say about themselves."""
