"""Faults in systems of real processes."""
