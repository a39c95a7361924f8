"""Planted bugs: each must be caught by its suite (README.md beside this file)."""
