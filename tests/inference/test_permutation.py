from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.inference._permutation import benjamini_hochberg, exchange_test, sign_flip_test

# Halves, so that ties happen and sums are exact.
numbers = st.integers(-4, 4).map(lambda value: value / 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=2, max_size=6), st.data())
def test_exchange_matches_brute_force(values: list[float], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(values) - 1))

    def statistic(arranged: tuple[float, ...]) -> float:
        return abs(np.mean(arranged[:k]) - np.mean(arranged[k:]))

    every = np.array([statistic(arranged) for arranged in permutations(values)])
    expected = np.mean(every >= statistic(tuple(values)) - 1e-9)
    p, smallest, _, _ = exchange_test(np.array(values)[:, None], [0] * k + [1] * (len(values) - k), 2)
    assert p[:, 0] == pytest.approx([expected, expected])
    assert smallest[:, 0] == pytest.approx(np.mean(every >= every.max() - 1e-9))


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=7))
def test_sign_flip_matches_brute_force(values: list[float]) -> None:
    every = np.array([abs(np.dot(signs, values)) for signs in product([1, -1], repeat=len(values))])
    p, smallest, arrangements, exact = sign_flip_test(np.array(values)[:, None])
    assert p[0] == pytest.approx(np.mean(every >= abs(sum(values)) - 1e-9))
    assert smallest[0] == pytest.approx(np.mean(every >= every.max() - 1e-9))
    assert (arrangements[0], exact[0]) == (2 ** len(values), True)


def test_limits_of_five_documents() -> None:
    values = np.array([[5.0], [1.1], [2.3], [3.7], [4.9]])
    assert exchange_test(values, [0, 1, 1, 1, 1], 2)[1][0, 0] == pytest.approx(0.2)
    assert exchange_test(values, [0, 0, 1, 1, 1], 2)[1][0, 0] == pytest.approx(0.1)
    assert sign_flip_test(values)[1][0] == pytest.approx(1 / 16)


def test_random_arrangements_agree_with_exact_and_never_give_zero() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 2)) + np.array([0.0, 9.0]) * (np.arange(60) < 20)[:, None]
    labels = (np.arange(60) >= 20).astype(int)
    p, smallest, arrangements, exact = exchange_test(values, labels, 2, n_resamples=500)
    assert p[0, 1] == smallest[0, 1] == pytest.approx(1 / 501)
    assert p[0, 0] > 0.02
    assert list(arrangements) == [500, 500]
    assert not exact.any()
    assert not sign_flip_test(values, n_resamples=500)[3].any()
    shuffled = rng.permutation(60)
    assert np.array_equal(exchange_test(values[shuffled], labels[shuffled], 2, n_resamples=500)[0], p)
    signs = sign_flip_test(values, n_resamples=500)[0]
    assert np.array_equal(sign_flip_test(values[shuffled], n_resamples=500)[0], signs)


def test_null_p_values_are_uniform_enough() -> None:
    rng = np.random.default_rng(3)
    p = exchange_test(rng.normal(size=(10, 2000)), [0] * 4 + [1] * 6, 2)[0][0]
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.015)


def test_benjamini_hochberg_ignores_missing() -> None:
    assert benjamini_hochberg([0.01, np.nan, 0.03, 0.04]) == pytest.approx([0.03, np.nan, 0.04, 0.04], nan_ok=True)
