from __future__ import annotations

import time
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.errors import InputError
from research.themes import cluster_recovery, clustering_agreement, first_theme_accuracy, mean_average_precision


def test_agreement_counts_the_unassigned() -> None:
    perfect = clustering_agreement([1, 1, 0, 0], ["a", "a", "b", "b"])
    assert perfect == {"ami": 1.0, "ari": 1.0, "fmi": 1.0, "purity": 1.0, "inverse_purity": 1.0, "coverage": 1.0}
    half = clustering_agreement([1, -1, 0, None], ["a", "a", "b", "b"])
    assert half["coverage"] == 0.5 and half["ari"] < 1 and half["purity"] == 0.75


def test_agreement_can_leave_out_those_without_a_theme() -> None:
    labels, gold = [1, 1, 0, 0, -1, float("nan")], ["a", "a", "b", "b", "a", "b"]
    assigned = clustering_agreement(labels, gold, only_assigned=True)
    assert assigned["ari"] == assigned["fmi"] == 1 and assigned["coverage"] == pytest.approx(4 / 6)
    assert clustering_agreement(labels, gold)["ari"] < 0.5
    with pytest.raises(InputError, match="no paragraph has a theme"):
        clustering_agreement([-1, None], ["a", "b"], only_assigned=True)


def test_agreement_is_that_of_pairs() -> None:
    rng = np.random.default_rng(0)
    labels, gold = rng.integers(-1, 4, 60), rng.integers(0, 3, 60)
    pairs = list(combinations(range(60), 2))
    same = np.array([labels[i] == labels[j] for i, j in pairs])
    true = np.array([gold[i] == gold[j] for i, j in pairs])
    found = clustering_agreement(labels, gold)
    both, expected = (same & true).sum(), same.sum() * true.sum() / len(pairs)
    assert found["fmi"] == pytest.approx(both / np.sqrt(same.sum() * true.sum()))
    assert found["ari"] == pytest.approx((both - expected) / ((same.sum() + true.sum()) / 2 - expected))
    largest = [max(np.sum((labels == k) & (gold == g)) for g in range(3)) for k in range(-1, 4)]
    assert found["purity"] == pytest.approx(sum(largest) / 60)
    assert found["inverse_purity"] == clustering_agreement(gold, labels)["purity"]


def test_one_single_theme_scores_nothing_but_pairs() -> None:
    gold = np.repeat(np.arange(20), 50)
    found = clustering_agreement(np.zeros(1000, dtype=int), gold)
    assert found["ami"] == pytest.approx(0, abs=1e-9) and found["ari"] == pytest.approx(0, abs=1e-9)
    assert found["fmi"] == pytest.approx(np.sqrt(49 / 999)) and found["purity"] == 0.05
    assert found["inverse_purity"] == 1


@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1, 2, 10]), st.sampled_from("abc")), min_size=1), st.randoms())
def test_agreement_and_recovery_do_not_depend_on_order(pairs: list[tuple[int, str]], random: Random) -> None:
    moved = random.sample(pairs, len(pairs))
    for measure in (clustering_agreement, cluster_recovery):
        here, there = (measure([a for a, _ in rows], [b for _, b in rows]) for rows in (pairs, moved))
        assert list(here.items()) == list(there.items())


def test_a_theme_comes_back_by_its_overlap() -> None:
    #        |  a of 3   |  b of 2  | c | none
    labels = ["a", "a", "a", "b", "b", "c", None]
    again = [7, 7, 8, 8, 8, -1, 7]
    # a: {7} 2 of 4 or {8} 1 of 5; b: {8} 2 of 3; c is in no theme again; one of 7 is in no theme here
    assert cluster_recovery(labels, again) == {"a": 2 / 4, "b": 2 / 3, "c": 0.0}


def test_recovery_against_sets() -> None:
    rng = np.random.default_rng(1)
    labels, again = rng.integers(-1, 6, 200), rng.integers(-1, 4, 200)

    def members(values: np.ndarray, theme: int) -> set[int]:
        return set(np.flatnonzero(values == theme).tolist())

    for theme, value in cluster_recovery(labels, again).items():
        own = members(labels, theme)
        others = [members(again, k) for k in range(4)]
        assert value == pytest.approx(max(len(own & other) / len(own | other) for other in others))
    assert cluster_recovery(labels, labels) == dict.fromkeys(range(6), 1.0)


def test_recovery_names_themes_in_their_order() -> None:
    assert list(cluster_recovery([10, "b", 2, "a", -1], [0, 0, 0, 0, 0])) == [2, 10, "a", "b"]
    assert cluster_recovery([-1, None], [0, 0]) == {}
    with pytest.raises(InputError, match="1 themes and 2 found again"):
        cluster_recovery([1], [1, 2])
    with pytest.raises(InputError, match="at least 1"):
        cluster_recovery([], [])


def test_many_paragraphs_are_quick() -> None:
    rng = np.random.default_rng(2)
    labels, again = rng.integers(-1, 150, 100_000), rng.integers(-1, 50, 100_000)
    begun = time.perf_counter()
    cluster_recovery(labels, again)
    clustering_agreement(labels, again)
    assert time.perf_counter() - begun < 10


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
