"""Arrays as text reach the server as what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import db

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(numbers=st.lists(FINITE | st.integers(-(2**63), 2**63 - 1)))
def test_numbers_are_written_to_the_last_bit(numbers):
    text = db.written_out({"knots": numbers})["knots"]
    assert text[0] + text[-1] == "{}"
    kinds = [type(number) for number in numbers]
    parts = text[1:-1].split(",") if numbers else []
    assert [kind(part) for kind, part in zip(kinds, parts, strict=True)] == numbers


@pytest.mark.parametrize("value", [["TEXT", "a,b"], b"\x00", "text", 5, 0.5, None])
def test_whatever_else_is_left_to_psycopg(value):
    assert db.written_out({"value": value}) == {"value": value}
