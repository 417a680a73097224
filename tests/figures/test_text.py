"""Text is cleaned, fits its width, and names on a map stand apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from research.figures._placing import place
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


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 400)), min_size=1, max_size=14))
def test_names_stand_inside_and_apart(homes):
    points = np.array(homes)
    centres = place(homes, [(110.0, 26.0)] * len(homes), points, (0, 0, 600, 400))
    for i, (x, y) in enumerate(centres):
        assert 55 <= x <= 545 and 13 <= y <= 387
        for u, v in centres[:i]:
            assert abs(x - u) >= 109.9 or abs(y - v) >= 25.9


def test_direction_and_control_characters_go():
    assert clean("a\u202eb\x00 \n c") == "ab c"
