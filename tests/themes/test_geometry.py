from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from research.themes._geometry import centre, exact_mean, sort_rows, unit


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 70), st.sampled_from([1, 3, 64, 384]))
def test_no_bit_depends_on_order_or_company(seed: int, n: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(n, d)) * rng.lognormal(size=(n, 1))
    rows, order = unit(raw), rng.permutation(n)
    mean = exact_mean(rows)[None]
    assert np.array_equal(mean[0], exact_mean(rows[order]))
    centred = centre(rows, mean)
    anchors = unit(rng.normal(size=(5, d)))
    similarity = centred @ anchors.T
    assert np.array_equal(similarity[order], centre(unit(raw[order]), mean) @ anchors.T)
    assert np.array_equal(similarity[:1], centre(unit(raw[:1]), mean) @ anchors.T)
    assert np.array_equal(similarity, (anchors[:, ::-1] @ centred[:, ::-1].T).T)
    assert np.all(np.abs(similarity) <= 1 + 1e-6)


def test_degenerate_rows_become_zeros_not_noise() -> None:
    rows = unit(np.array([[0.0, 0.0], [1e200, 1e200], [3.0, 4.0]]))
    assert np.allclose(rows, [[0, 0], [0.5**0.5, 0.5**0.5], [0.6, 0.8]])
    same = unit(np.ones((7, 3)))
    assert not centre(same, exact_mean(same)[None]).any()


def test_sort_rows_finds_repeats() -> None:
    rows = np.array([[2.0, 1.0], [1.0, 5.0], [2.0, 1.0]])
    first, place = sort_rows(rows)
    assert first.tolist() == [1, 0] and place.tolist() == [1, 0, 1]
