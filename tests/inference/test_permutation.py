from __future__ import annotations

from itertools import permutations, product

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
    assert found.p[0, 1] == found.smallest[0, 1] == pytest.approx(1 / 501)
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
    documents, themes = np.repeat(np.arange(10), 12), np.tile(np.repeat([0, 1], 6), 10)
    p = []
    for _ in range(100):
        scores = np.repeat(rng.normal(0, 1, 10), 12) + rng.normal(0, 0.1, 120)
        p += shuffle_test(scores, np.ones(120), documents, themes, [0], shrink=np.ones(1), n_resamples=99).tolist()
    assert np.mean(np.array(p) <= 0.05) < 0.12
    first = shuffle_test(scores, np.ones(120), documents, themes, [0], shrink=np.ones(1), n_resamples=99)
    renamed = 9 - documents
    assert shuffle_test(scores, np.ones(120), renamed, themes, [0], shrink=np.ones(1), n_resamples=99) == first


def test_benjamini_hochberg_ignores_missing() -> None:
    assert benjamini_hochberg([0.01, np.nan, 0.03, 0.04]) == pytest.approx([0.03, np.nan, 0.04, 0.04], nan_ok=True)
