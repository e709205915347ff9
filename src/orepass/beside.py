"""Work shared with other processes of the same program, which are started when there is enough of it and end with this one.

A worker is named by its module and function, ``"orepass.goods.bulk:worker"``: called with what all batches share, it gives the function
that answers a batch. The other processes import that module alone, so a user's script needs no guard of its own.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from threading import Thread
from typing import IO, Any, Generic, TypeVar, cast

A = TypeVar("A", bound=Hashable)
B = TypeVar("B")


class Beside(Generic[A, B]):
    """Answers each distinct question, here and in other processes; :meth:`close` ends them.

    Parameters
    ----------
    worker
        ``module:function``: from what is shared to the function that answers a batch.
    shared
        What all batches share; it is pickled to each process.
    most
        How many processes may work beside this one; the number of further processors unless it is given.
    enough
        With fewer questions no other process is started: it would cost more than it answers.
    batch
        Questions handed out at once.
    """

    def __init__(self, worker: str, shared: Any, most: int | None = None, enough: int = 3000, batch: int = 200) -> None:
        self._worker, self._shared = worker, shared
        self._most = max((os.cpu_count() or 1) - 1, 0) if most is None else most
        self._enough, self._batch = enough, batch
        self._here: Callable[[Sequence[A]], list[B]] | None = None
        self._others: list[subprocess.Popen[bytes]] = []

    def answers(self, questions: Sequence[A]) -> dict[A, B]:
        """The answer to each question."""
        waiting = deque(questions[start : start + self._batch] for start in range(0, len(questions), self._batch))
        found: dict[A, B] = {}
        threads: list[Thread] = []
        if len(questions) >= self._enough:
            self._start()
            threads = [Thread(target=_feed, args=(other, waiting, found), daemon=True) for other in self._others]
            for thread in threads:
                thread.start()
        if self._here is None:
            self._here = worker_of(self._worker)(self._shared)
        for batch in _taken(waiting):
            found.update(zip(batch, self._here(batch), strict=True))
        for thread in threads:
            thread.join()
        missed = [question for question in questions if question not in found]
        if missed:  # a process ended before it answered
            found.update(zip(missed, self._here(missed), strict=True))
        return found

    def _start(self) -> None:
        self._others = [other for other in self._others if other.poll() is None]
        while len(self._others) < self._most:
            command = [sys.executable, "-m", "orepass.beside", self._worker]
            other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert other.stdin is not None
            pickle.dump(self._shared, other.stdin)
            self._others.append(other)

    def close(self) -> None:
        """End the other processes."""
        for other in self._others:
            other.kill()
            other.wait()
            for pipe in (other.stdin, other.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        self._others = []

    def __del__(self) -> None:
        self.close()


def worker_of(name: str) -> Callable[[Any], Callable[[Any], Any]]:
    """The worker that a name ``module:function`` means."""
    module, _, function = name.partition(":")
    return cast("Callable[[Any], Callable[[Any], Any]]", getattr(import_module(module), function))


def _taken(waiting: deque[Sequence[A]]) -> Iterator[Sequence[A]]:
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return


def _feed(other: subprocess.Popen[bytes], waiting: deque[Sequence[A]], found: dict[A, Any]) -> None:
    """Give batches to another process until none is left."""
    assert other.stdin is not None and other.stdout is not None
    for batch in _taken(waiting):
        try:
            pickle.dump(list(batch), other.stdin)
            other.stdin.flush()
            found.update(zip(batch, pickle.load(other.stdout), strict=True))
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            return


def _serve(worker: str, asked: IO[bytes], answered: IO[bytes]) -> None:
    """Answer batches until the other side ends."""
    answer = worker_of(worker)(pickle.load(asked))
    while True:
        try:
            batch: Any = pickle.load(asked)
        except EOFError:
            return
        pickle.dump(answer(batch), answered)
        answered.flush()


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that asked decides when to stop
    _serve(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
