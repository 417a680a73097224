from __future__ import annotations

import numpy as np
import pytest

from research.errors import InputError
from research.themes import clustering_agreement, first_theme_accuracy, mean_average_precision


def test_agreement_counts_the_unassigned() -> None:
    perfect = clustering_agreement([1, 1, 0, 0], ["a", "a", "b", "b"])
    assert perfect == {"ami": 1.0, "ari": 1.0, "purity": 1.0, "coverage": 1.0}
    half = clustering_agreement([1, -1, 0, None], ["a", "a", "b", "b"])
    assert half["coverage"] == 0.5 and half["ari"] < 1 and half["purity"] == 0.75


def test_average_precision_by_hand() -> None:
    scores = np.array([[3.0, 0.0], [2.0, 1.0], [1.0, 2.0]])
    gold = [{"a"}, {"b"}, {"a", "b"}]
    # a: hits at ranks 1 and 3; b: hits at ranks 1 and 2; c never occurs
    assert np.isclose(mean_average_precision(scores, gold, ["a", "b"]), ((1 + 2 / 3) / 2 + 1) / 2)
    assert first_theme_accuracy(scores, gold, ["a", "b"]) == 2 / 3
    assert first_theme_accuracy(scores, [{"a"}, set(), {"b"}], ["a", "b"]) == 1


def test_misfits_are_refused() -> None:
    with pytest.raises(InputError, match="2 themes"):
        first_theme_accuracy(np.zeros((1, 3)), [{"a"}], ["a", "b"])
    with pytest.raises(InputError, match="nothing to be accurate"):
        first_theme_accuracy(np.zeros((1, 1)), [set()], ["a"])
    with pytest.raises(InputError, match="none of the themes"):
        mean_average_precision(np.zeros((1, 1)), [{"x"}], ["a"])
    with pytest.raises(InputError, match="same number"):
        clustering_agreement([1], ["a", "b"])
