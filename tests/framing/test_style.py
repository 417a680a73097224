"""Style rates: found as words, free of length, bounded."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from research.framing import STYLE_FEATURES, style_features


def rate(text: str, name: str) -> float:
    return float(style_features([text])[0, STYLE_FEATURES.index(name)])


def test_devices_are_found_as_whole_words() -> None:
    assert rate("If so, it waits.", "conditional") > 0
    assert rate("The gift was midnight blue.", "conditional") == 0
    assert rate("The fair in May, at Costa Rica's dockyard", "constraint") == 0
    twice = "It is dependent on imports and relies on credit."
    assert rate(twice, "constraint") > rate("It depends.", "constraint") > 0
    assert rate("According to analysts, it grew.", "attribution") > 0


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
