from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.inference._permutation import benjamini_hochberg, exchange_test, shuffle_test, sign_flip_test

# Halves, so that ties happen and sums are exact.
numbers = st.integers(-4, 4).map(lambda value: value / 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=4, max_size=7), st.data())
def test_exchange_matches_brute_force(values: list[float], data: st.DataObject) -> None:
    k = data.draw(st.integers(2, len(values) - 2))
    shared = data.draw(st.sampled_from([0.0, 0.5]))

    def statistic(arranged: tuple[float, ...], shared: float = 0.0) -> float:
        a, b = np.array(arranged[:k]), np.array(arranged[k:])
        far = abs(a.mean() - b.mean())
        variance = a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b) + shared
        return 0.0 if far < 1e-9 else far / np.sqrt(variance) if variance > 1e-9 else np.inf

    every = np.array([statistic(arranged) for arranged in permutations(values)])
    expected = np.mean(every >= statistic(tuple(values), shared) - 1e-9)
    found = exchange_test(np.array(values)[:, None], [0] * k + [1] * (len(values) - k), 2, shared=shared)
    assert found.p[:, 0] == pytest.approx([expected, expected])
    assert found.smallest[:, 0] == pytest.approx(np.mean(every >= every.max() - 1e-9))


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=7))
def test_sign_flip_matches_brute_force(values: list[float]) -> None:
    every = np.array([abs(np.dot(signs, values)) for signs in product([1, -1], repeat=len(values))])
    found = sign_flip_test(np.array(values)[:, None])
    assert found.p[0] == pytest.approx(np.mean(every >= abs(sum(values)) - 1e-9))
    assert found.smallest[0] == pytest.approx(np.mean(every >= every.max() - 1e-9))
    assert (found.arrangements[0], found.exact[0]) == (2 ** len(values), True)


def test_error_that_no_turning_of_signs_shows_makes_a_difference_less_sure() -> None:
    values = np.random.default_rng(0).normal(0.5, 1, size=(12, 1))

    def t(x: np.ndarray, shared: float = 0.0) -> float:
        return abs(x.mean()) / np.sqrt(x.var(ddof=1) / 12 + shared)

    signs = np.array(list(product([1, -1], repeat=12)))
    every = np.array([t(row * values[:, 0]) for row in signs])
    for shared in (0.0, 0.05, 1.0):
        expected = np.mean(every >= t(values[:, 0], shared) - 1e-9)
        assert sign_flip_test(values, shared=shared).p[0] == pytest.approx(expected)


def test_limits_of_five_documents() -> None:
    values = np.array([[5.0], [1.1], [2.3], [3.7], [4.9]])
    assert np.isnan(exchange_test(values, [0, 1, 1, 1, 1], 2).p).all()
    assert exchange_test(values, [0, 0, 1, 1, 1], 2).smallest[0, 0] == pytest.approx(0.1)
    assert sign_flip_test(values).smallest[0] == pytest.approx(1 / 16)


def test_random_arrangements_agree_with_exact_and_never_give_zero() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 2)) + np.array([0.0, 9.0]) * (np.arange(60) < 20)[:, None]
    labels = (np.arange(60) >= 20).astype(int)
    found = exchange_test(values, labels, 2, n_resamples=500)
    assert found.p[0, 1] == pytest.approx(1 / 501)
    assert 0 < found.smallest[0, 1] < 1e-10
    assert found.p[0, 0] > 0.02
    assert found.arrangements.tolist() == [[500, 500], [500, 500]]
    assert not found.exact.any()
    assert not sign_flip_test(values, n_resamples=500).exact.any()
    shuffled = rng.permutation(60)
    assert np.array_equal(exchange_test(values[shuffled], labels[shuffled], 2, n_resamples=500).p, found.p)
    signs = sign_flip_test(values, n_resamples=500).p
    assert np.array_equal(sign_flip_test(values[shuffled], n_resamples=500).p, signs)


def test_null_p_values_are_uniform_enough() -> None:
    rng = np.random.default_rng(3)
    p = exchange_test(rng.normal(size=(10, 2000)), [0] * 4 + [1] * 6, 2).p[0]
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.015)


def test_means_that_are_equal_are_not_rejected_for_another_spread() -> None:
    """A difference of means, exchanged, rejects .25 of these."""
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(0, 2, (5, 800)), rng.normal(0, 1, (40, 800))])
    p = exchange_test(values, [0] * 5 + [1] * 40, 2, n_resamples=300).p[0]
    assert np.mean(p <= 0.05) < 0.1


def test_shuffling_within_documents_keeps_their_levels() -> None:
    """Documents that differ, and themes that lie in some of them alone, are no difference between themes."""
    rng = np.random.default_rng(6)
    documents, chosen, one = np.repeat(np.arange(10), 12), np.tile(np.arange(12) < 6, 10), np.ones(120)
    p = []
    for _ in range(100):
        scores = np.repeat(rng.normal(0, 1, 10), 12) + rng.normal(0, 0.1, 120)
        p.append(shuffle_test(scores, one, documents, chosen, n_resamples=99))
    assert np.mean(np.array(p) <= 0.05) < 0.12
    turned = slice(None, None, -1)  # documents in another order, as by other names
    again = shuffle_test(scores[turned], one, documents, chosen[turned], n_resamples=99)
    assert again == p[-1]


def test_shuffling_matches_brute_force() -> None:
    scores, weights = np.array([0.0, 2.0, 1.0, 4.0, 3.0, 0.5]), np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0])
    chosen, documents = np.array([False, True, False, True, True, False]), np.array([0, 0, 0, 1, 1, 1])

    def statistic(chosen: np.ndarray) -> float:
        total = 0.0
        for document in (0, 1):
            own, rest = (documents == document) & chosen, (documents == document) & ~chosen
            total += np.average(scores[own], weights=weights[own]) - np.average(scores[rest], weights=weights[rest])
        return abs(total)

    choices = [
        np.concatenate([np.isin(np.arange(3), a), np.isin(np.arange(3), b)])
        for a in combinations(range(3), 1) for b in combinations(range(3), 2)
    ]  # fmt: skip
    every = np.array([statistic(choice) for choice in choices])
    for shrink in (1.0, 0.6):
        expected = np.mean(every >= shrink * statistic(chosen) - 1e-9)
        found = shuffle_test(scores, weights, documents, chosen, shrink=shrink, n_resamples=4000)
        assert found == pytest.approx(expected, abs=0.05)


def test_of_many_documents_the_p_of_shuffles_is_computed() -> None:
    rng = np.random.default_rng(8)
    documents, chosen, one = np.repeat(np.arange(300), 6), np.tile(np.arange(6) < 2, 300), np.ones(1800)
    scores = rng.normal(0, 1, 1800) + 0.12 * chosen
    found = shuffle_test(scores, one, documents, chosen)
    few = documents < 190
    assert 0 < found < 0.2
    drawn = shuffle_test(scores[few], one[few], documents[few], chosen[few], n_resamples=4000)
    shown = np.array([shuffle_test(rng.normal(0, 1, 1800), one, documents, chosen) for _ in range(200)])
    assert np.mean(shown <= 0.05) < 0.1 and drawn > 1 / 4001


def test_names_of_tests_and_groups_do_not_matter() -> None:
    rng = np.random.default_rng(9)
    values, labels = rng.normal(size=(40, 3)), np.arange(40) % 4
    found = exchange_test(values, labels, 4, n_resamples=300).p
    turned = exchange_test(values[:, ::-1], 3 - labels, 4, n_resamples=300).p
    assert np.array_equal(turned[::-1, ::-1], found)


def test_shares_that_are_mostly_zero_are_tested_as_others_are() -> None:
    rng = np.random.default_rng(10)
    values = np.where(rng.random((60, 12)) < 0.1, rng.random((60, 12)), 0.0)  # of so many themes sums are sparse
    labels = np.arange(60) % 3
    found = exchange_test(values, labels, 3, n_resamples=400).p
    alone = exchange_test(values[:, :2], labels, 3, n_resamples=400).p
    assert found[:, :2] == pytest.approx(alone, abs=0.12)


def test_more_signs_are_turned_where_many_comparisons_are_made() -> None:
    values = np.random.default_rng(0).normal(size=(40, 50))
    values[:, 0] += 2
    found = sign_flip_test(values, n_comparisons=500, n_resamples=100)
    assert found.p[0] * 500 < 0.05 and found.arrangements[0] > 100
    assert found.arrangements[1:].min() == 100


def test_benjamini_hochberg_ignores_missing() -> None:
    assert benjamini_hochberg([0.01, np.nan, 0.03, 0.04]) == pytest.approx([0.03, np.nan, 0.04, 0.04], nan_ok=True)
