"""Attacks on an application on one machine (security.md §9)."""
