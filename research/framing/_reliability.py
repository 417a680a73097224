"""How good probabilities are: Brier score, calibration error, and the table behind a reliability diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Ge, Interval
from numpy.typing import ArrayLike, NDArray

from research._validate import check_values
from research.errors import InputError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["brier", "expected_calibration_error", "reliability_table"]

Floats = NDArray[np.float64]


def _checked(probability: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    p, t = np.asarray(probability, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if p.shape != t.shape or p.ndim not in (1, 2) or not len(p):
        raise InputError(
            f"the probabilities have the shape {p.shape} and the truth has {t.shape}; give one truth for each, and at "
            "least one"
        )
    if not (np.isfinite(p).all() and (p >= 0).all() and (p <= 1).all()):
        raise InputError("a probability is missing or outside 0 to 1; give each between 0 and 1")
    if not np.isin(t, (0.0, 1.0)).all():
        raise InputError("a truth is neither 0 nor 1; say of each text whether it is of the class")
    return p, t


def _of_one_class(probability: ArrayLike, truth: ArrayLike, n_bins: int) -> tuple[Floats, Floats]:
    p, t = _checked(probability, truth)
    if p.ndim != 1:
        raise InputError(f"the probabilities have the shape {p.shape}; give those of one class")
    if n_bins < 1:
        raise InputError(f"`n_bins` is {n_bins}; at least one bin is needed")
    return p, t


def brier(probability: ArrayLike, truth: ArrayLike) -> float:
    r"""Give the Brier score: the mean squared error of probabilities, 0 at best.

    .. math:: \frac1n \sum_i \sum_k (p_{ik} - t_{ik})^2,

    with one k for the probabilities of one class (then .25 is what always saying .5 gets).

    Parameters
    ----------
    probability : array, shape (n,) or (n, n_classes)
        In [0, 1].
    truth : array of the same shape
        True where the text is of the class.

    Returns
    -------
    float
        In [0, 1] for one class, in [0, 2] for several.

    Raises
    ------
    InputError
        If the shapes differ, or a value is no probability.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78(1).

    Examples
    --------
    >>> round(brier([0.9, 0.2], [True, False]), 3), round(brier([[0.9, 0.1], [0.2, 0.8]], [[1, 0], [0, 1]]), 3)
    (0.025, 0.05)
    """
    p, t = _checked(probability, truth)
    squared = (p - t) ** 2
    return float(squared.mean() if p.ndim == 1 else squared.sum(axis=1).mean())


def bins_of(probability: Floats, n_bins: int) -> NDArray[np.int64]:
    """Give the bin of each probability: equally wide, closed on the left, 1 in the last."""
    return np.searchsorted(np.arange(1, n_bins) / n_bins, probability, side="right").astype(np.int64)


def expected_calibration_error(probability: ArrayLike, truth: ArrayLike, n_bins: Annotated[int, Ge(1)] = 10) -> float:
    r"""Give the expected calibration error: how far probabilities are from what is observed, over bins.

    .. math:: \sum_b \frac{n_b}{n} \, |\bar p_b - \bar t_b|

    over equally wide bins. With few texts it is above 0 even for perfect probabilities, the more so the more bins.

    Parameters
    ----------
    probability : array, shape (n,)
        In [0, 1], of one class; of several classes, the largest probability of each text.
    truth : array, shape (n,)
        Whether the text is of that class.
    n_bins : int

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    InputError
        If the shapes differ, or a value is no probability.

    References
    ----------
    Naeini, Cooper & Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning, AAAI.

    Examples
    --------
    >>> round(expected_calibration_error([0.75, 0.75, 0.15, 0.15], [1, 0, 0, 0]), 3)
    0.2
    """
    check_values(expected_calibration_error, {"n_bins": n_bins})
    p, t = _of_one_class(probability, truth, n_bins)
    gaps = np.bincount(bins_of(p, n_bins), weights=p - t, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(p))


def reliability_table(
    probability: ArrayLike,
    truth: ArrayLike,
    n_bins: Annotated[int, Ge(1)] = 10,
    confidence: Annotated[float, Interval(gt=0, lt=1)] = 0.95,
) -> pl.DataFrame:
    r"""Set predicted beside observed shares, in bins of the prediction: what `research.figures.reliability` draws.

    The interval of an observed share o of n texts is Wilson's,

    .. math:: \frac{o + z^2 / 2n \pm z \sqrt{o (1 - o) / n + z^2 / 4n^2}}{1 + z^2 / n}.

    Parameters
    ----------
    probability : array, shape (n,)
        In [0, 1], of one class, of texts that the probabilities were not fitted on.
    truth : array, shape (n,)
        Whether the text is of the class.
    n_bins : int
        Equally wide ones.
    confidence : float
        Of the intervals, between 0 and 1. They take the texts for independent.

    Returns
    -------
    polars.DataFrame
        One row a bin that has texts: bin (1 to `n_bins`), mean_predicted, observed, n, low, high.

    Raises
    ------
    InputError
        If the shapes differ, or a value is no probability.

    References
    ----------
    Wilson (1927), JASA 22(158). DeGroot & Fienberg (1983), The comparison and evaluation of forecasters, The
    Statistician 32.

    Examples
    --------
    >>> table = reliability_table([0.75, 0.75, 0.15, 0.15], [1, 0, 0, 0])
    >>> table.select("bin", "mean_predicted", "observed", "n").rows()
    [(2, 0.15, 0.0, 2), (8, 0.75, 0.5, 2)]
    """
    from statistics import NormalDist

    import polars as pl

    p, t = _of_one_class(probability, truth, n_bins)
    if not 0 < confidence < 1:
        raise InputError(f"`confidence` is {confidence}; it must lie between 0 and 1, such as 0.95")
    place = bins_of(p, n_bins)
    n = np.bincount(place, minlength=n_bins)
    full = np.flatnonzero(n)
    size = n[full].astype(np.float64)
    predicted = np.bincount(place, weights=p, minlength=n_bins)[full] / size
    observed = np.bincount(place, weights=t, minlength=n_bins)[full] / size
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2) ** 2
    centre = (observed + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2) * np.sqrt(observed * (1 - observed) / size + z2 / (4 * size**2)) / (1 + z2 / size)
    return pl.DataFrame(
        {
            "bin": full + 1,
            "mean_predicted": predicted,
            "observed": observed,
            "n": n[full],
            # Rounding must not leave a share of 0 or 1 outside its own interval.
            "low": np.clip(np.minimum(centre - half, observed), 0.0, 1.0),
            "high": np.clip(np.maximum(centre + half, observed), 0.0, 1.0),
        }
    )
