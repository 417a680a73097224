from __future__ import annotations

import numpy as np
import pytest

from research.errors import InputError
from research.inference import clustered_interval


def test_a_mean_of_many_documents_gets_its_normal_interval() -> None:
    values = np.random.default_rng(0).normal(size=400)
    clusters = [f"{number:03}" for number in range(400)]
    found = clustered_interval(lambda rows: float(values[rows].mean()), clusters, n_resamples=1000)
    half = 1.96 * values.std(ddof=1) / 20
    assert found.low == pytest.approx(values.mean() - half, abs=0.02)
    assert found.high == pytest.approx(values.mean() + half, abs=0.02)


def test_undefined_resamples_give_no_interval() -> None:
    found = clustered_interval(lambda rows: 0.5 if len(set(rows)) == 4 else float("nan"), list("abcd"), n_resamples=50)
    assert (found.estimate, found.low, found.high) == (0.5, None, None)


def test_no_rows_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        clustered_interval(lambda rows: 0.0, [])


def test_few_documents_get_about_the_width_of_a_t_interval() -> None:
    """Plain percentiles of the means of six documents have less than three quarters of it."""
    widths = []
    for seed in range(40):
        values = np.random.default_rng(seed).normal(size=6)
        found = clustered_interval(lambda rows, x=values: float(x[rows].mean()), list("abcdef"), n_resamples=2000)
        widths.append((found.high - found.low) / (2 * 2.571 * values.std(ddof=1) / 6**0.5))
    assert 0.85 < np.mean(widths) < 1.1
