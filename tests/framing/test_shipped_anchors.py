"""What the celebratory anchors must be: judged by two blind coders, and of no use to words alone."""

from __future__ import annotations

from pathlib import Path

from experiments._anchor_words import auroc_over_splits, pole_texts
from experiments.choose_anchors import Pool, agreed_sets
from research.framing import Anchors

_CONFIGS = Path(__file__).resolve().parents[2] / "configs"


def test_a_bag_of_words_hardly_tells_the_poles_of_left_out_subjects_apart() -> None:
    anchors = Anchors.load("celebratory")
    _, poles, subjects = pole_texts(anchors)
    assert auroc_over_splits(anchors)[0] <= 0.6
    assert len(poles) > 320 and len(set(subjects)) > 80


def test_coders_who_did_not_know_the_voice_agree_with_every_set() -> None:
    coders = _CONFIGS / "anchors/coders.csv"
    pool = Pool.read(_CONFIGS / "anchors/celebratory.yaml")
    pool = pool.join(Pool.read(_CONFIGS / "anchors/celebratory_shared_words.yaml"))
    agreed, alpha = agreed_sets(pool, coders)
    assert 250 < len(agreed) < len(pool.entries) and alpha > 0.9
    assert set(Pool.read(_CONFIGS / "axes/celebratory.yaml").entries) <= set(pool.take(agreed).entries)
