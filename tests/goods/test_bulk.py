"""Texts read by several processes say what they say when read by one."""

from __future__ import annotations

from determination.tables_drawn import DESCRIPTIONS, law
from orepass.determination.cells import Cells
from orepass.goods import bulk
from orepass.goods.bins import reading_digest
from orepass.goods.describe import read_text

BINS = Cells(law()).bins
TEXTS = [f"{text} lot {number}" for number in range(160) for text in DESCRIPTIONS]


def test_other_processes_read_as_this_one_and_end_when_they_are_closed() -> None:
    readers = bulk.readers(BINS, most=1)
    assert len(TEXTS) >= bulk.ENOUGH
    found = readers.answers(TEXTS)
    (other,) = readers._others
    readers.close()
    assert other.poll() is not None
    assert list(found) and all(found[text] == reading_digest(read_text(text), BINS) for text in TEXTS[::40])
    assert found.keys() == set(TEXTS)


def test_few_texts_start_no_process() -> None:
    readers = bulk.readers(BINS, most=1)
    assert len(readers.answers(TEXTS[:50])) == 50
    assert not readers._others


def test_when_another_process_dies_its_texts_are_read_here() -> None:
    readers = bulk.readers(BINS, most=1)
    readers._start()
    readers._others[0].kill()
    readers._others[0].wait()
    assert readers.answers(TEXTS).keys() == set(TEXTS)
    readers.close()


def test_texts_that_differ_in_a_fact_have_different_digests() -> None:
    texts = [
        "antimony ingot 99.65%",
        "antimony ingot",
        "antimony ore",
        "gallium",
        "gallium 4N",
        "no antimony",
        "antimony free",
    ]
    digests = {reading_digest(read_text(text), {}) for text in texts}
    assert len(digests) >= len(texts) - 1
