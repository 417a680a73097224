"""How often intruders were told apart, with an interval that knows that questions of one theme are answered alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

__all__ = ["IntrusionScore", "score_answers"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_Z = 1.959963984540054  # of a normal's middle 95%


@dataclass(frozen=True, eq=False)
class IntrusionScore:
    """How often the intruder was told apart.

    Attributes
    ----------
    share : float
        Questions answered with the intruder, of all questions, in [0, 1].
    low, high : float
        Wilson's 95% interval of `share` for m questions, c = (p + z^2 / 2m) / (1 + z^2 / m) plus or minus
        z sqrt(p (1 - p) / m + z^2 / 4m^2) / (1 + z^2 / m), with p = `share`, z = 1.96 and m = `n_effective` times
        (z / t)^2, t with one degree of freedom less than themes: how alike answers are is estimated from the themes,
        and few of them tell little (Korn and Graubard, 1998). Where every question was told apart, or none, nothing is
        known of that and m is the number of themes; where each theme has one question nothing is estimated and m is
        their number. Of a single theme, m is its questions, and the interval is about that theme. Share of nominal
        intervals that held the truth with m = `n_effective`, and as it is (1,500 samples each; each theme's share
        from a beta distribution, k questions a theme, intraclass correlation r):

        ==  ==  ===  =========  =========  =========  =========
        k   r   p    3 themes   5          10         20
        ==  ==  ===  =========  =========  =========  =========
        5   0   .8   .98, 1.00  .95, 1.00  .97, .99   .95, .97
        5   .1  .8   .97, 1.00  .90, .99   .94, .97   .95, .96
        5   .3  .8   .97, 1.00  .85, .99   .93, .96   .94, .95
        5   .6  .8   .96, .99   .75, .99   .89, .94   .93, .95
        5   .3  .95  .94, 1.00  .96, .99   .97, .98   .92, .97
        20  .3  .5   .82, .97   .90, .95   .92, .95   .93, .95
        20  .3  .8   .79, .99   .86, .94   .90, .94   .94, .95
        20  .3  .95  .95, 1.00  .70, .99   .80, .88   .86, .87
        ==  ==  ===  =========  =========  =========  =========

        Where nearly every question is told apart in most themes and few in some, it stays too narrow (last row).
    chance : float
        What guessing scores: 1 / (number of items).
    n : int
        Questions.
    n_effective : float
        Questions of one theme are answered alike, so that many of them tell less than as many themes would: n divided
        by the design effect 1 + (k - 1) r, with k questions a theme and r their intraclass correlation (analysis of
        variance; 0 where it is negative). The number of themes where every question was told apart, or none.
    n_blank : int
        Questions without an answer; they count as not told apart, since people leave open what they cannot tell.
    per_theme : polars.DataFrame
        `theme`, `n`, `n_right`, `share`, `low`, `high` (its questions as independent draws); a row a theme.
    left_out : tuple of str
        Themes with too few words or paragraphs to ask about.

    References
    ----------
    Kish, L. (1965). Survey sampling. Wiley.
    Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data. Survey Methodology 24(2), 193-201.
    """

    share: float
    low: float
    high: float
    chance: float
    n: int
    n_effective: float
    n_blank: int
    per_theme: pl.DataFrame
    left_out: tuple[str, ...]


def score_answers(
    right: NDArray[np.bool_], themes: Sequence[str], chance: float, n_blank: int, left_out: tuple[str, ...]
) -> IntrusionScore:
    """Count right answers, of all questions and of each theme's."""
    import polars as pl

    names = sorted(set(themes), key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))
    number = {name: k for k, name in enumerate(names)}
    theme = np.array([number[name] for name in themes])
    sizes = np.bincount(theme)
    hits = np.bincount(theme, weights=right).astype(np.float64)
    effective = _effective(hits, sizes)
    bounds = [_wilson(hit / size, size) for hit, size in zip(hits, sizes, strict=True)]
    per_theme = pl.DataFrame(
        {
            "theme": names,
            "n": sizes,
            "n_right": hits.astype(np.int64),
            "share": hits / sizes,
            "low": [low for low, _ in bounds],
            "high": [high for _, high in bounds],
        }
    )
    share = float(right.mean())
    low, high = _wilson(share, effective * _known(hits, sizes))
    return IntrusionScore(share, low, high, chance, len(right), effective, n_blank, per_theme, left_out)


def _effective(hits: Floats, sizes: Integers) -> float:
    """Give the number of independent questions that would tell as much."""
    n, n_themes = float(sizes.sum()), len(sizes)
    each = n / n_themes
    if n_themes < 2 or n == n_themes:
        return n
    if hits.sum() in (0, n):
        return float(n_themes)
    shares = hits / sizes
    between = float(np.sum(sizes * (shares - hits.sum() / n) ** 2)) / (n_themes - 1)
    within = float(np.sum(hits * (1 - shares))) / (n - n_themes)
    alike = max((between - within) / (between + (each - 1) * within), 0.0)
    return n / (1 + (each - 1) * alike)


def _known(hits: Floats, sizes: Integers) -> float:
    """Give Korn and Graubard's factor for a number of questions that was estimated from few themes."""
    from scipy.special import stdtrit

    n_themes = len(sizes)
    if n_themes < 2 or sizes.sum() == n_themes or hits.sum() in (0, sizes.sum()):
        return 1.0
    return float((_Z / stdtrit(n_themes - 1, 0.975)) ** 2)


def _wilson(share: float, n: float) -> tuple[float, float]:
    widened = 1 + _Z**2 / n
    centre = (share + _Z**2 / (2 * n)) / widened
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / widened
    # Rounding must not put the bound inside of a share of 0 or 1.
    return float(min(max(centre - half, 0.0), share)), float(max(min(centre + half, 1.0), share))
