"""What two names have in common, part by part."""

from __future__ import annotations

from typing import NamedTuple

SAME, SPELT, JOINED, TRANSLATED, SOUNDED, INITIALS, VARIANT = (
    "same",
    "spelt",
    "joined",
    "translated",
    "sounded",
    "initials",
    "variant",
)


class Part(NamedTuple):
    """A part of the left name that stands for a part of the right one.

    ``how`` is one of ``same``, ``spelt`` (nearly the same letters), ``joined`` (written as one word or as several), ``translated``,
    ``sounded`` (the characters are read so), ``initials``, ``variant`` (other characters, same word). ``quality`` is 1 for a part that
    agrees wholly; ``bits`` say how much of each name it covers.
    """

    how: str
    left: str
    right: str
    left_bits: float
    right_bits: float
    quality: float


class Open(NamedTuple):
    """What of a name no part explains: its text, its kind and its bits."""

    text: str
    kind: str
    bits: float


class Comparison(NamedTuple):
    """Two names laid side by side: the parts that agree, what is left of each, and the bits of it all.

    ``forms_differ`` says that both bear a legal form and none in common, where the forms belong to the same country.
    """

    parts: tuple[Part, ...]
    left_only: tuple[Open, ...]
    right_only: tuple[Open, ...]
    left_bits: float
    right_bits: float
    forms_differ: bool

    @property
    def left_matched(self) -> float:
        """The bits of the left name that parts explain."""
        return sum(part.left_bits * part.quality for part in self.parts)

    @property
    def right_matched(self) -> float:
        """The bits of the right name that parts explain."""
        return sum(part.right_bits * part.quality for part in self.parts)
