"""Text is cleaned, and fits its width."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from research.figures._text import clean, text_width, wrap

_WORDS = st.text(alphabet=st.characters(codec="latin-1"), max_size=80)


@settings(max_examples=40, deadline=None)
@given(_WORDS, st.floats(0.4, 3.0), st.integers(1, 3))
def test_no_line_is_wider_than_its_room(text, width, lines):
    wrapped = wrap(text, width, 7, lines).split("\n")
    assert len(wrapped) <= lines
    assert all(text_width(line, 7) <= width for line in wrapped)


@settings(max_examples=40, deadline=None)
@given(_WORDS)
def test_wrapping_in_enough_room_loses_nothing(text):
    assert wrap(text, 100, 7) == clean(text)


def test_direction_and_control_characters_go():
    assert clean("a\u202eb\x00 \n c") == "ab c"
