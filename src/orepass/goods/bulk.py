"""Descriptions in bulk: distinct texts, read by this process and by others of the same program beside it.

The others are started when there is enough to read, and end with this one. They get texts and give back a digest of what a
determination takes from each.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import IO, Any

from orepass.goods.bins import Bins, reading_digest
from orepass.goods.describe import read_text

ENOUGH = 3000
"""With fewer texts another process costs more than it reads."""
_BATCH = 200


class Readers:
    """Reads texts; :meth:`close` ends the processes that it started.

    Parameters
    ----------
    bins
        Limits that numbers are compared with; what lies between two is one.
    most
        How many processes may read beside this one; the number of further processors unless it is given.
    """

    def __init__(self, bins: Mapping[str, Bins], most: int | None = None) -> None:
        self._bins = dict(bins)
        self._most = max((os.cpu_count() or 1) - 1, 0) if most is None else most
        self._others: list[subprocess.Popen[bytes]] = []

    def digests(self, texts: Sequence[str]) -> dict[str, bytes]:
        """The digest of what a determination takes from each text."""
        waiting = deque(texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))
        found: dict[str, bytes] = {}
        threads: list[Thread] = []
        if len(texts) >= ENOUGH:
            self._start()
            threads = [Thread(target=_feed, args=(other, waiting, found), daemon=True) for other in self._others]
            for thread in threads:
                thread.start()
        for batch in _taken(waiting):
            found.update(zip(batch, read_digests(batch, self._bins), strict=True))
        for thread in threads:
            thread.join()
        for text in texts:
            if text not in found:  # a process that ended before it answered
                found[text] = reading_digest(read_text(text), self._bins)
        return found

    def _start(self) -> None:
        self._others = [other for other in self._others if other.poll() is None]
        while len(self._others) < self._most:
            command = [sys.executable, "-m", "orepass.goods.bulk"]
            other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert other.stdin is not None
            pickle.dump(self._bins, other.stdin)
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


def read_digests(texts: Iterable[str], bins: Mapping[str, Bins]) -> list[bytes]:
    """The digest of what a determination takes from each text, read in this process."""
    return [reading_digest(read_text(text), bins) for text in texts]


def _taken(waiting: deque[Sequence[str]]) -> Iterable[Sequence[str]]:
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return


def _feed(other: subprocess.Popen[bytes], waiting: deque[Sequence[str]], found: dict[str, bytes]) -> None:
    """Give batches to another process until none is left."""
    assert other.stdin is not None and other.stdout is not None
    for batch in _taken(waiting):
        try:
            pickle.dump(list(batch), other.stdin)
            other.stdin.flush()
            found.update(zip(batch, pickle.load(other.stdout), strict=True))
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            return


def _serve(asked: IO[bytes], answered: IO[bytes]) -> None:
    """Read batches until the other side ends."""
    bins: dict[str, Bins] = pickle.load(asked)
    while True:
        try:
            batch: Any = pickle.load(asked)
        except EOFError:
            return
        pickle.dump(read_digests(batch, bins), answered)
        answered.flush()


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that asked decides when to stop
    _serve(sys.stdin.buffer, sys.stdout.buffer)
