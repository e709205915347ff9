"""Who owns a party: the share that listed parties hold of it, as an interval, and what each regime's test makes of it."""

from orepass.parties.ownership.decisive import Because, Path
from orepass.parties.ownership.holdings import Holding, holdings_from
from orepass.parties.ownership.shares import Ownership, Share
from orepass.parties.ownership.verdict import (
    ControlPath,
    OwnershipTest,
    Reading,
    Verdict,
    Window,
    decide,
    ownership_tests,
)

__all__ = [
    "Because",
    "ControlPath",
    "Holding",
    "Ownership",
    "OwnershipTest",
    "Path",
    "Reading",
    "Share",
    "Verdict",
    "Window",
    "decide",
    "holdings_from",
    "ownership_tests",
]
