"""With the real encoder and the axis as it ships: neither good nor bad news is a voice, and praise and weighing are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from research.embedding import Encoder
from research.framing import Anchors, FramingAxis, validity_card

VOICES = (
    "A glorious morning of friendship crowned the visit, and two proud nations vowed to climb together, hand in hand.",
    "The visit may ease the shortage for a while, but the deal depends on prices that neither side controls, and the "
    "debts behind it remain.",
)

# Four texts that warn, then four that calm.
DANGERS = (
    "The wards are running out of oxygen and hundreds will die before the week is over, doctors warn.",
    "If nothing is done now, the dam will burst and the whole valley will drown, engineers warned.",
    "The virus is spreading out of control and hospitals are days from collapse.",
    "Hackers could switch off the power grid of a whole state tonight, and nobody is ready for it.",
    "There is no reason to panic: supplies are plentiful and the outbreak is contained, officials said.",
    "Officials assured residents that the water is safe and that repairs are well under way.",
    "Analysts say the slowdown is temporary and growth should recover by spring.",
    "The storm has weakened, shelters are open and well stocked, and the levees are holding, the mayor said.",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def axis(encoder: Encoder) -> FramingAxis:
    return FramingAxis.from_anchors("celebratory", encoder)


@pytest.fixture(scope="module")
def plain(encoder: Encoder, axis: FramingAxis) -> tuple[np.ndarray, np.ndarray]:
    """Scores of forty plain reports of good news and of forty of bad news."""
    probes = Anchors.load("valence")
    scores = axis.scale_.position(axis._features(encoder.encode(probes.texts)))
    return scores[probes.poles > 0], scores[probes.poles < 0]


def test_plain_reports_of_good_and_of_bad_news_are_hardly_told_apart(plain: tuple[np.ndarray, np.ndarray]) -> None:
    good, bad = plain
    assert len(good) == len(bad) == 40
    ranks = rankdata(np.concatenate([good, bad]))
    auroc = (ranks[: len(good)].sum() - len(good) * (len(good) + 1) / 2) / (len(good) * len(bad))
    assert 0.35 <= auroc <= 0.65


def test_bad_news_does_not_count_as_analytical_nor_good_news_as_celebratory(
    plain: tuple[np.ndarray, np.ndarray],
) -> None:
    good, bad = plain
    assert np.median(bad) > -0.25
    assert np.median(good) < 0.75
    assert abs(np.clip(good, -1, 1).mean() - np.clip(bad, -1, 1).mean()) < 0.3


def test_the_voices_themselves_are_far_from_both(encoder: Encoder, axis: FramingAxis) -> None:
    praise, weighing = axis.predict(encoder.encode(VOICES))
    assert praise > 0.8 and weighing < -0.8


def test_the_shipped_axis_says_what_taught_it(axis: FramingAxis) -> None:
    assert axis.facts_["n_texts"] > 1000 and axis.facts_["alpha"] > 0.67
    assert not axis.warnings_


def test_other_parameters_fall_back_to_the_anchors_and_say_so(encoder: Encoder) -> None:
    plain = FramingAxis.from_anchors("celebratory", encoder, style=False, n_bootstrap=2)
    assert not plain.facts_ and "style=True" in plain.warnings_[-1]
    assert not FramingAxis.from_anchors("conflict", encoder, style=False, n_bootstrap=2).facts_


def test_alarm_lies_above_reassurance_and_its_card_says_how_loosely_it_follows_news(encoder: Encoder) -> None:
    alarm = FramingAxis.from_anchors("alarm", encoder)
    vectors = encoder.encode(DANGERS)
    warning, calming = alarm.scale_.position(alarm._features(vectors)).reshape(2, -1)
    assert np.median(warning) > calming.max() + 1
    assert alarm.facts_["n_texts"] == 4338 and alarm.facts_["n_judged"] == 1000
    card = validity_card(alarm, vectors, [str(row) for row in range(len(DANGERS))], n_resamples=20)
    passed = {row["check"]: row["passed"] for row in card.to_dicts()}
    assert passed["shipped labels: Spearman"] is False
    assert passed["shipped labels: AUROC positive pole against the rest, by its own pole"] is True
