from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from research.errors import InputError
from research.inference import krippendorff_alpha, macro_f1, spearman_interval

NAN = float("nan")
# Four observers, twelve units, with missing values: Krippendorff (2011), section D.
CLASSIC = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_the_published_example(level: str, alpha: float) -> None:
    assert krippendorff_alpha(CLASSIC, level) == pytest.approx(alpha, abs=5e-4)  # type: ignore[arg-type]


def test_alpha_by_hand_with_texts() -> None:
    # o_ab = o_ba = 1, margins 3, 3, 2 of 8: 1 - 7 * 2 / 42.
    coders = [["a", "b", "c", "a", None], ["a", "b", "c", "b", "a"]]
    assert krippendorff_alpha(coders) == pytest.approx(1 - 14 / 42)


def test_alpha_ignores_the_order_of_coders_and_units() -> None:
    values = np.array(CLASSIC)
    rng = np.random.default_rng(0)
    shuffled = values[rng.permutation(4)][:, rng.permutation(12)]
    assert krippendorff_alpha(shuffled, "ordinal") == pytest.approx(krippendorff_alpha(values, "ordinal"))


def test_alpha_where_it_is_not_defined() -> None:
    assert np.isnan(krippendorff_alpha([[1, 1], [1, 1]]))
    assert np.isnan(krippendorff_alpha([[1, NAN], [NAN, 2]]))
    with pytest.raises(InputError, match="numbers"):
        krippendorff_alpha([["a"], ["b"]], "interval")
    with pytest.raises(InputError, match="level"):
        krippendorff_alpha([[1], [2]], "cardinal")  # type: ignore[arg-type]


def test_spearman_resamples_documents() -> None:
    rng = np.random.default_rng(0)
    # Within documents all values are alike: hundreds of paragraphs, ten facts.
    level, other = rng.normal(size=10), rng.normal(size=10)
    clusters = [str(number) for number in range(10) for _ in range(30)]
    x, y = np.repeat(level, 30), np.repeat(level + other, 30)
    found = spearman_interval(x, y, clusters, n_resamples=300)
    single = spearman_interval(x, y, [str(number) for number in range(300)], n_resamples=300)
    assert found.low is not None
    assert single.low is not None
    assert found.high - found.low > 2 * (single.high - single.low)  # type: ignore[operator]
    assert found.n_clusters == 10
    assert spearman_interval(x, y, clusters, n_resamples=300) == found


def test_spearman_of_one_document_has_no_interval() -> None:
    found = spearman_interval([1, 2, 3], [3, 2, 1], ["a", "a", "a"])
    assert (found.estimate, found.low, found.high) == (pytest.approx(-1), None, None)


def test_macro_f1_against_sklearn_and_with_rare_classes() -> None:
    rng = np.random.default_rng(0)
    gold = [*rng.choice(["favor", "neutral", "absent"], 60), "against"]
    predicted = list(rng.choice(["favor", "neutral", "absent", "against"], 61))
    score, classes = macro_f1(gold, predicted, min_gold=5)
    assert classes == ["absent", "favor", "neutral"]
    assert score == pytest.approx(f1_score(gold, predicted, labels=classes, average="macro"))
    assert macro_f1(["a"], ["a"])[1] == []
