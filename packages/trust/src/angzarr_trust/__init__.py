"""Certificates: who a process is on a network, and who calls it."""

from angzarr_trust._identity import Identity
from angzarr_trust._mutual import MutualTls
from angzarr_trust._open import open_trust
from angzarr_trust._plain import Plaintext

__all__ = ["Identity", "MutualTls", "Plaintext", "open_trust"]
