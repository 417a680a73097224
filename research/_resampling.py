"""How far out the quantiles of few resampled groups must be taken."""

from __future__ import annotations

__all__ = ["expanded_tail"]


def expanded_tail(n_groups: int, confidence: float) -> float:
    """Give the tail at which quantiles of a bootstrap over groups are taken, smaller than (1 - confidence) / 2.

    That of a normal beyond t sqrt(n / (n - 1)), with n - 1 degrees of freedom, in place of z: of a mean it gives the t
    interval's width, where plain percentiles are too narrow. Share of nominal 95% intervals that held a true Spearman
    of 0, and an AUROC of .5, by simulation (normal scores, document effects of intraclass correlation .67 in both, 6
    texts a document; 400 samples, 300 from 20 documents on):

    =========  ==========  ==========  ==========  ==========
    documents  Spearman    ..          AUROC       ..
    ..         percentile  expanded    percentile  expanded
    =========  ==========  ==========  ==========  ==========
    2          .63         .63         .54         .54
    3          .86         .89         .81         .84
    5          .91         .98         .88         .94
    8          .89         .96         .90         .95
    10         .92         .96         .91         .95
    15         .94         .95         .93         .96
    20         .92         .94         .93         .95
    40         .92         .92         .93         .94
    =========  ==========  ==========  ==========  ==========

    Parameters
    ----------
    n_groups : int, 2 or more
    confidence : float in (0, 1)

    Returns
    -------
    float

    References
    ----------
    Hesterberg, T. (2015). What teachers should know about the bootstrap. *The American Statistician* 69(4), section 3.

    Examples
    --------
    >>> round(expanded_tail(5, 0.95), 4), round(expanded_tail(1000, 0.95), 4)
    (0.001, 0.0248)
    """
    from scipy.special import ndtr, stdtrit

    freedom = n_groups - 1
    return float(ndtr(-((n_groups / freedom) ** 0.5) * stdtrit(freedom, (1 + confidence) / 2)))
