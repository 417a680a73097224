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
        Wilson's 95% interval of `share` for `n_effective` questions, c = (p + z^2 / 2m) / (1 + z^2 / m) plus or minus
        z sqrt(p (1 - p) / m + z^2 / 4m^2) / (1 + z^2 / m), m = `n_effective`, p = `share`, z = 1.96.
    chance : float
        What guessing scores: 1 / (number of items).
    n : int
        Questions.
    n_effective : float
        Questions of one theme are answered alike, so that many of them tell less than as many themes would: n divided
        by the design effect 1 + (k - 1) r, with k questions a theme and r their intraclass correlation (analysis of
        variance; 0 where it is negative or nothing varies). Kish (1965), Survey sampling.
    n_blank : int
        Questions without an answer; they count as not told apart, since people leave open what they cannot tell.
    per_theme : polars.DataFrame
        `theme`, `n`, `n_right`, `share`, `low`, `high` (its questions as independent draws); a row a theme.
    left_out : tuple of str
        Themes with too few words or paragraphs to ask about.
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
    low, high = _wilson(share, effective)
    return IntrusionScore(share, low, high, chance, len(right), effective, n_blank, per_theme, left_out)


def _effective(hits: Floats, sizes: Integers) -> float:
    """Give the number of independent questions that would tell as much."""
    n, n_themes = float(sizes.sum()), len(sizes)
    each = n / n_themes
    if n_themes < 2 or n == n_themes:
        return n
    shares = hits / sizes
    between = float(np.sum(sizes * (shares - hits.sum() / n) ** 2)) / (n_themes - 1)
    within = float(np.sum(hits * (1 - shares))) / (n - n_themes)
    total = between + (each - 1) * within
    alike = max((between - within) / total, 0.0) if total > 0 else 0.0
    return n / (1 + (each - 1) * alike)


def _wilson(share: float, n: float) -> tuple[float, float]:
    widened = 1 + _Z**2 / n
    centre = (share + _Z**2 / (2 * n)) / widened
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / widened
    # Rounding must not put the bound inside of a share of 0 or 1.
    return float(min(max(centre - half, 0.0), share)), float(max(min(centre + half, 1.0), share))
