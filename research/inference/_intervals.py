"""Intervals for a mean over documents, a mean share, and a difference of two such means.

Documents are what was sampled, so every interval here is about documents. Which interval is used was decided by a
simulation, because the common choice, the percentile bootstrap of documents, fails when documents are few (with two
documents it cannot reach beyond the two values). Share of nominal 95% intervals that held the truth, with the mean
width (4,000 samples each; the bootstraps with 400 resamples):

====================  =========  ===========  ===========  ===========  ==============  ================
document values       documents  t            percentile   expanded     bootstrap-t     Korn-Graubard
====================  =========  ===========  ===========  ===========  ==============  ================
normal, sd .3         2          .944 / 1.68  .490 / 0.34  .490 / 0.34  --              --
..                    3          .944 / 1.22  .712 / 0.45  .754 / 0.51  1.000 / 2.00    --
..                    4          .955 / 0.88  .809 / 0.47  .865 / 0.59  .955 / 1.27     --
..                    5          .950 / 0.70  .842 / 0.44  .901 / 0.56  .946 / 0.90     --
..                    10         .952 / 0.42  .900 / 0.34  .944 / 0.41  .940 / 0.44     --
..                    40         .954 / 0.19  .938 / 0.18  .949 / 0.19  .949 / 0.19     --
two kinds (30 to 70)  2          .882 / 1.58  .449 / 0.40  .449 / 0.40  --              --
..                    3          .828 / 1.31  .613 / 0.52  .652 / 0.59  1.000 / 2.00    --
..                    4          .825 / 1.04  .735 / 0.55  .766 / 0.65  .878 / 1.34     --
..                    5          .842 / 0.85  .793 / 0.52  .833 / 0.68  .883 / 1.10     --
..                    10         .936 / 0.51  .905 / 0.41  .942 / 0.48  .968 / 0.64     --
..                    40         .948 / 0.23  .940 / 0.22  .948 / 0.23  .960 / 0.23     --
shares about .30      2          .885 / 0.83  .490 / 0.24  .490 / 0.24  --              1.000 / 0.99
..                    3          .928 / 0.69  .756 / 0.36  .756 / 0.36  .985 / 0.98     .999 / 0.81
..                    5          .925 / 0.48  .842 / 0.30  .909 / 0.41  .942 / 0.61     .981 / 0.52
..                    10         .940 / 0.30  .908 / 0.24  .935 / 0.28  .949 / 0.32     .968 / 0.32
..                    40         .942 / 0.13  .930 / 0.13  .939 / 0.13  .945 / 0.13     .961 / 0.14
shares about .03      2          .297 / 0.24  .282 / 0.06  .282 / 0.06  --              1.000 / 0.89
..                    3          .423 / 0.14  .419 / 0.08  .419 / 0.08  .423 / 0.42     1.000 / 0.68
..                    5          .603 / 0.10  .595 / 0.08  .602 / 0.10  .603 / 0.58     1.000 / 0.39
..                    10         .672 / 0.08  .665 / 0.07  .787 / 0.09  .831 / 0.76     .996 / 0.18
..                    40         .870 / 0.05  .867 / 0.05  .879 / 0.05  .959 / 0.17     .932 / 0.06
====================  =========  ===========  ===========  ===========  ==============  ================

"Two kinds" mixes documents near -.05 (70%) with documents near .7 (30%); shares are beta-binomial over 12 paragraphs a
document. Hence the t interval for means and the Korn-Graubard interval for shares, at every number of documents: one
rule, nothing random, and no row order to depend on. Means of documents of two kinds stay under-covered below about
eight documents, whatever the method, and the more so the rarer one kind is and the more alike its documents are: with
a spread of .05 within each kind the t interval holds

=================  ====  ====  ====  ====  ====  ====  ====
of the rarer kind  n=2   3     5     8     12    20    40
=================  ====  ====  ====  ====  ====  ====  ====
5%                 .94   .90   .80   .71   .64   .68   .87
10%                .87   .77   .58   .60   .72   .87   .91
20%                .79   .60   .67   .83   .93   .93   .93
30%                .75   .66   .83   .93   .91   .94   .94
=================  ====  ====  ====  ====  ====  ====  ====

and no method can know of a kind that the sample lacks; the notes in `estimates` say so below eight documents, and where
one document makes most of the spread. Shares are covered too often below about ten documents, which is the safe side,
but for rare ones in long documents (.02, 8 documents of 60 paragraphs: .87).
Of documents of unequal length (1 to 100 paragraphs, evenly by their logarithm) they are held .97 to 1.00 of the time,
with 8 to 40 documents and shares of .01 to .30; with the number of paragraphs as the most that the effective size can
be it was .86 to 1.00. A difference of means (normal, equal or doubled sd) was
covered by Welch's interval .93 to .98 of the time for 2 against 2 up to 5 against 20 documents (.90 for 2 against 10),
and by the pooled one .95 to 1.00 for a single document against 2 to 9.

References
----------
Hesterberg, T. (2015). What teachers should know about the bootstrap. *The American Statistician* 69(4), section 3
(narrowness of percentile intervals; the expanded percentile interval).
Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of positive counts
estimated from survey data. *Survey Methodology* 24(2), 193-201.
Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. *Biometrics* 2(6).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = ["dispersion_of_difference", "mean_interval", "p_of_mean", "share_interval"]

Floats = NDArray[np.float64]


def mean_interval(
    mean: ArrayLike,
    sampling: ArrayLike,
    freedom: ArrayLike,
    *,
    shared: ArrayLike = 0.0,
    n_draws: int = 0,
    confidence: float = 0.95,
) -> tuple[Floats, Floats]:
    """Give the t interval of a mean over documents, or of a difference of two, widened by the error that they share.

    The variance is ``sampling + shared``. Measurement error of each document alone is in ``sampling`` already, because
    it makes the documents' values differ; adding all of it again would count it twice. The degrees of freedom follow
    Satterthwaite.

    Parameters
    ----------
    mean : array-like of shape (n_groups,)
    sampling, freedom : array-like of shape (n_groups,)
        Variance of the mean and its degrees of freedom: sample variance / n and n - 1 for n documents that do not
        depend on one another.
    shared : array-like of shape (n_groups,)
        Mean covariance over the measurement draws between two documents of the group.
    n_draws : int
        Number of measurement draws behind ``shared``.
    confidence : float in (0, 1)

    Returns
    -------
    low, high : ndarray of shape (n_groups,)
        NaN where there is no sampling variance or no freedom.

    Examples
    --------
    >>> low, high = mean_interval([0.2], [0.01], [3])
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (-0.118, 0.518)
    """
    centre, sampled, free, extra = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (mean, sampling, freedom, shared))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        quantile = stats.t.ppf((1 + confidence) / 2, _freedom(sampled, free, extra, n_draws))
        half = quantile * np.sqrt(sampled + extra)
    return np.asarray(centre - half), np.asarray(centre + half)


def p_of_mean(
    mean: ArrayLike, sampling: ArrayLike, freedom: ArrayLike, *, shared: ArrayLike = 0.0, n_draws: int = 0
) -> Floats:
    """Give the two-sided p of a mean against 0, by the t of `mean_interval`: below .05 where its 95% leaves out 0.

    Examples
    --------
    >>> round(float(p_of_mean([0.2], [0.01], [3])[0]), 3)
    0.139
    """
    centre, sampled, free, extra = (np.asarray(value, dtype=np.float64) for value in (mean, sampling, freedom, shared))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(centre) / np.sqrt(sampled + extra)
        return np.asarray(2 * stats.t.sf(t, _freedom(sampled, free, extra, n_draws)))


def dispersion_of_difference(
    variance_a: ArrayLike, n_a: ArrayLike, variance_b: ArrayLike, n_b: ArrayLike
) -> tuple[Floats, Floats]:
    """Give the variance of a difference of two means and its degrees of freedom.

    Welch's where both sides have two documents or more; where one side has a single document, the other side's variance
    stands for both (the pooled variance). NaN where neither side has two.
    """
    va, na, vb, nb = (np.asarray(value, dtype=np.float64) for value in (variance_a, n_a, variance_b, n_b))
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = va / na, vb / nb
        welch = a + b
        welch_freedom = np.where(welch > 0, welch**2 / (a**2 / (na - 1) + b**2 / (nb - 1)), na + nb - 2)
        freedom = na + nb - 2
        pooled = (np.where(na > 1, va * (na - 1), 0.0) + np.where(nb > 1, vb * (nb - 1), 0.0)) / freedom
        pooled = pooled * (1 / na + 1 / nb)
    both = (na > 1) & (nb > 1)
    possible = (na > 0) & (nb > 0) & (na + nb > 2)
    total = np.where(both, welch, np.where(possible, pooled, np.nan))
    return np.asarray(total), np.asarray(np.where(both, welch_freedom, np.where(possible, freedom, np.nan)))


def share_interval(
    share: ArrayLike,
    sampling: ArrayLike,
    freedom: ArrayLike,
    n: ArrayLike,
    most: ArrayLike,
    *,
    confidence: float = 0.95,
) -> tuple[Floats, Floats]:
    """Give the Korn-Graubard interval of a mean share over documents: Clopper-Pearson at the effective sample size.

    The effective size is share (1 - share) / sampling, at most `most`, times (z / t with these degrees of freedom)^2.
    Where all documents have the same share it is the number of documents, or of clusters of them; for a share of 0 or 1
    that is an exact bound for any distribution on [0, 1], since a document with mean share m is without the theme with
    probability 1 - m at most (of clusters, if their size does not go with the share).

    Parameters
    ----------
    share : array-like of shape (n_groups,)
        Mean of the documents' shares.
    sampling, freedom : array-like of shape (n_groups,)
        As in `mean_interval`.
    n : array-like of shape (n_groups,)
        Documents, or clusters of them that depend on one another.
    most : array-like of shape (n_groups,)
        n^2 / sum(1 / paragraphs of each document): the effective size if all documents had the same share in truth,
        for then the variance of the mean is share (1 - share) / n^2 times that sum. Of documents of equal length it is
        the number of paragraphs.
    confidence : float in (0, 1)

    Returns
    -------
    low, high : ndarray of shape (n_groups,)
        In [0, 1]; NaN where there are fewer than two documents.

    Examples
    --------
    >>> low, high = share_interval([0.0], [0.0], [4], [5], [60])
    >>> float(low[0]), round(float(high[0]), 3)
    (0.0, 0.522)
    """
    p, sampled, free, size, paragraphs = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (share, sampling, freedom, n, most))
    )
    tail = (1 - confidence) / 2
    # Round-off leaves a variance of about 1e-33 among equal shares.
    varies = sampled * size > 1e-20
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.minimum(p * (1 - p) / sampled, paragraphs)
        effective *= (stats.norm.ppf(1 - tail) / stats.t.ppf(1 - tail, free)) ** 2
        effective = np.where(varies, effective, size)
        successes, failures = p * effective, (1 - p) * effective
        low = np.where(p <= 0, 0.0, stats.beta.ppf(tail, successes, failures + 1))
        high = np.where(p >= 1, 1.0, stats.beta.ppf(1 - tail, successes + 1, failures))
    enough = size > 1
    return np.where(enough, np.minimum(low, p), np.nan), np.where(enough, np.maximum(high, p), np.nan)


def _freedom(sampling: Floats, freedom: Floats, extra: Floats, n_draws: int) -> Floats:
    """Give Satterthwaite's degrees of freedom of the sum of two variances."""
    total = sampling + extra
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = total**2 / (sampling**2 / freedom + extra**2 / max(n_draws - 1, 1))
    return np.asarray(np.where(total > 0, joint, freedom))
