"""What goods are packed in is not the goods: ``in plastic bottles``, ``25 kg steel drums``, ``玻璃瓶装``."""

from __future__ import annotations

import re
from functools import cache

from orepass.goods.kinds import kinds
from orepass.goods.parameters import reading
from orepass.goods.vocabulary import Hit

_IN = re.compile(r"\bin (?:(?:a|the|sealed|small|new|double|woven) )*$", re.IGNORECASE)
_CHINESE = re.compile(r"\s?(?:瓶|桶|箱|盒|袋|罐|托盘)")
_AFTER = re.compile(
    r"\s(?:drums?|pails?|bags?|box(?:es)?|bottles?|cans?|tubs?|pallets?|cylinders?|containers?|cases?|foil bags?)\b",
    re.IGNORECASE,
)


@cache
def packing_kinds() -> frozenset[str]:
    """Kinds of material that packaging is made of."""
    return frozenset(kind for wider in reading().packed_in for kind in kinds().descendants(wider))


def is_packaging(text: str, hit: Hit) -> bool:
    """Whether a name only tells what the goods are packed in."""
    return hit.id in packing_kinds() and bool(
        _AFTER.match(text, hit.end)
        or _CHINESE.match(text, hit.end)
        or _IN.search(text[max(0, hit.start - 24) : hit.start])
    )
