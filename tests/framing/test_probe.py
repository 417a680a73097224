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


def test_an_axis_that_labels_did_not_move_says_what_they_say_of_it(encoder: Encoder) -> None:
    shipped = FramingAxis.from_anchors("alarm", encoder)
    alone = FramingAxis.from_anchors("alarm", encoder, n_bootstrap=2, shipped_labels=False)
    vectors = encoder.encode(VOICES)
    assert shipped.predict(vectors) == pytest.approx(alone.predict(vectors), abs=1e-3)
    assert shipped.facts_["moved"] is False and shipped.facts_["n_judged"] == 1000
    assert shipped.facts_["out_of_fold"] == shipped.facts_["anchors_alone"]
    card = validity_card(shipped, vectors, ["a", "b"], n_resamples=20)
    of_labels = {row["check"]: row for row in card.to_dicts() if row["check"].startswith("shipped labels")}
    assert of_labels["shipped labels: Spearman"]["passed"] is False
    assert "did not move it" in of_labels["shipped labels: Spearman"]["note"]
