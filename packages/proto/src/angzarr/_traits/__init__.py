"""Behaviour of generated messages, one module per message."""
