"""What Orepass says when it cannot go on: one sentence that names the place, what was expected and what to do."""

from __future__ import annotations


class OrepassError(Exception):
    """Base of every error that Orepass raises on purpose."""


class BadInput(OrepassError):
    """A user's file, field or value cannot be read.

    Parameters
    ----------
    problem
        What is wrong, naming the value.
    where
        File, row and field, as far as they are known.
    expected
        What would have been right.
    remedy
        What to do, when it is more than "give what is expected".
    """

    def __init__(self, problem: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        self.problem = problem
        self.where = where
        self.expected = expected
        self.remedy = remedy
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The whole message as one sentence."""
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        if self.expected:
            text += f"; expected {self.expected}"
        if self.remedy:
            text += f"; {self.remedy}"
        return text + "."

    def at(self, where: str) -> BadInput:
        """The same error, with the place where it happened put in front."""
        joined = f"{where}, {self.where}" if self.where else where
        return BadInput(self.problem, where=joined, expected=self.expected, remedy=self.remedy)


class FactError(OrepassError):
    """A fact file does not say what it should: the file, the record, and what was expected there."""

    def __init__(self, file: str, record: str, problem: str) -> None:
        self.file = file
        self.record = record
        self.problem = problem
        super().__init__(f"{file}, {record}: {problem}.")


class NotPossible(OrepassError):
    """A move that the state of things does not admit: what stands against it, in one sentence."""


class NotAllowed(OrepassError):
    """The account may not do that."""


class NotFound(OrepassError):
    """There is no such thing, or it belongs to somebody else: the sentence does not tell which."""
