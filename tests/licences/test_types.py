"""The values of documents: whatever is taken can be stored and read back as it was."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orepass.licences.types import Facts

FACTS: TypeAdapter[dict[str, Any]] = TypeAdapter(Facts)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), ANY_JSON, max_size=3))
@example({"mass": -1.3584013539784598e16})
@example({"mass": 1e22})
@example({"mass": -0.0})
def test_what_is_taken_is_read_back_from_its_canonical_form(facts: dict[str, Any]) -> None:
    try:
        taken = FACTS.validate_python(facts)
    except ValidationError:
        return
    assert FACTS.validate_json(rfc8785.dumps(taken)) == taken


@pytest.mark.parametrize("value", [2**53 + 1, 1e16, float("nan"), float("inf"), "\x00", "\ud800", {"a": [1e300]}])
def test_what_readers_of_json_read_differently_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"every reader of JSON|plain text"):
        FACTS.validate_python({"fact": value})
