"""The simulation of whole systems (reliability.md §8, S1)."""
