"""What is checked of every command, and filled in, before anything else happens to it."""

from angzarr_admission._admission import Admission

__all__ = ["Admission"]
