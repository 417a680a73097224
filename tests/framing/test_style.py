"""Style rates: found as words, free of length, bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.framing import STYLE_FEATURES, _style, style_features


def rate(text: str, name: str) -> float:
    return float(style_features([text])[0, STYLE_FEATURES.index(name)])


def test_devices_are_found_as_whole_words() -> None:
    assert rate("If so, it waits.", "conditional") > 0
    assert rate("The gift was midnight blue.", "conditional") == 0
    assert rate("The fair in May, at Costa Rica's dockyard", "constraint") == 0
    twice = "It is dependent on imports and relies on credit."
    assert rate(twice, "constraint") > rate("It depends.", "constraint") > 0
    assert rate("According to analysts, it grew.", "attribution") > 0


def test_a_phrase_is_found_however_its_words_stand_apart() -> None:
    text = "According to analysts it may pay in part, on the other hand, as long as costs fall."
    for between in ("\n", "  ", "\u00a0"):
        assert np.array_equal(style_features([text.replace(" ", between)]), style_features([text]))


def test_a_text_twice_over_has_the_same_rates() -> None:
    text = (
        "But the plan could fail if costs rise, analysts warned, because the port depends on a single road that every "
        "winter closes for weeks, and nobody has yet said who would pay for a second one."
    )
    assert np.allclose(style_features([text]), style_features([text + " " + text]))


@settings(max_examples=30, deadline=None)
@given(st.text())
def test_rates_are_bounded(text: str) -> None:
    rates = style_features([text])
    assert rates.shape == (1, len(STYLE_FEATURES))
    assert ((rates >= 0) & (rates < 1)).all()


def test_many_texts_are_looked_through_once() -> None:
    texts = [f"But {number} may rise, if costs rise" for number in range(20_000)]
    first = style_features(texts)
    misses = _style._rates.cache_info().misses
    again = style_features(list(texts))
    assert _style._rates.cache_info().misses == misses and np.array_equal(again, first)
    again[:] = 9  # a caller's own
    assert np.array_equal(style_features(tuple(texts)), first)


def test_what_is_kept_is_of_those_texts_and_of_few_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_style, "_MANY", 2)
    lists = [["a but", "b"], ["a ", "but b"], ["a", " but b"], ["\ud800 but", "b"], ["b", "a but"], ["b", "if", "if"]]
    for _ in range(2):
        for texts in lists:
            assert np.array_equal(style_features(texts), [style_features([text])[0] for text in texts])
    assert len(_style._kept) == _style._KEPT
