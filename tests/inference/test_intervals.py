from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from research.inference._intervals import dispersion_of_difference, mean_interval, share_interval


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_means_of_few_documents_are_covered(n: int) -> None:
    samples = np.random.default_rng(n).normal(0.1, 0.3, (4000, n))
    low, high = mean_interval(samples.mean(axis=1), samples.var(axis=1, ddof=1) / n, n - 1)
    assert np.mean((low <= 0.1) & (high >= 0.1)) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("share", [0.03, 0.1, 0.3])
@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_shares_in_few_documents_are_covered(share: float, n: int) -> None:
    rng = np.random.default_rng(n)
    samples = rng.binomial(12, rng.beta(share * 5, (1 - share) * 5, (4000, n))) / 12
    low, high = share_interval(samples.mean(axis=1), samples.var(axis=1, ddof=1) / n, n - 1, n, 12 * n)
    assert np.mean((low <= share) & (share <= high)) > 0.935
    assert low.min() >= 0
    assert high.max() <= 1


def test_error_that_documents_share_is_covered_once() -> None:
    # Every document is off by the same draw of the anchors, and by one of its own, which shows in the spread.
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 0.3, (4000, 5)) + rng.normal(0, 0.2, (4000, 1)) + rng.normal(0, 0.3, (4000, 5))
    mean, sampling = samples.mean(axis=1), samples.var(axis=1, ddof=1) / 5
    low, high = mean_interval(mean, sampling, 4, shared=0.04, n_draws=200)
    assert np.mean((low <= 0) & (high >= 0)) == pytest.approx(0.95, abs=0.025)
    narrow_low, narrow_high = mean_interval(mean, sampling, 4)
    assert np.mean((narrow_low <= 0) & (narrow_high >= 0)) < 0.9


def test_no_interval_from_one_document() -> None:
    assert np.isnan(mean_interval([0.5], [np.nan], [0])).all()
    assert np.isnan(share_interval([0.5], [np.nan], [0], [1], [12])).all()
    assert np.isnan(mean_interval([0.5], *dispersion_of_difference([0.0], [1], [0.0], [1]))).all()


def test_difference_is_welch_or_pooled() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=4), rng.normal(size=7)
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    found = mean_interval(a.mean() - b.mean(), *dispersion_of_difference(a.var(ddof=1), 4, b.var(ddof=1), 7))
    assert np.ravel(found) == pytest.approx([welch.low, welch.high])
    half = stats.t.ppf(0.975, 6) * b.std(ddof=1) * np.sqrt(1 + 1 / 7)
    found = mean_interval(a[0] - b.mean(), *dispersion_of_difference(0.0, 1, b.var(ddof=1), 7))
    assert np.ravel(found) == pytest.approx([a[0] - b.mean() - half, a[0] - b.mean() + half])
