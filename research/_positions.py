"""From the scores of two poles to a position on the axis, and the noise around it.

Used by `research._scaling`, whose `AnchoredScale` has the formulas.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError

__all__ = ["contrast", "contrast_slopes", "interval", "noise_by_content", "position_of"]

Floats = NDArray[np.float64]

# How sharply a pole begins to count above the plain report, in steps of the way from there to the pole.
_SHARPNESS = 8.0


def position_of(raw: Floats, knots: Floats) -> Floats:
    """Map raw scores to the scale whose -1, 0 and +1 stand at the three knots; the end pieces go on beyond them."""
    low, middle, high = knots
    scale: Floats = np.where(raw < middle, (raw - middle) / (middle - low), (raw - middle) / (high - middle))
    return scale


def contrast(poles: Floats) -> Floats:
    """Give h(q_+) - h(q_-) of pole scores q, shape (..., 2), where ``h(q) = log(1 + exp(8 q)) / 8``.

    Below the plain report (q = 0) a pole's score says nothing more: a text that is far from analytical is not for that
    reason celebratory.
    """
    softened = np.logaddexp(0.0, _SHARPNESS * poles) / _SHARPNESS
    found: Floats = softened[..., 0] - softened[..., 1]
    return found


def contrast_slopes(poles: Floats) -> Floats:
    """Give how the contrast changes with each pole's score, shape (..., 2).

    Examples
    --------
    >>> contrast_slopes(np.array([0.0, 0.0])).tolist()
    [0.5, -0.5]
    """
    found: Floats = 1 / (1 + np.exp(-_SHARPNESS * poles)) * np.array([1.0, -1.0])
    return found


def interval(position: Floats, variance: Floats, confidence: float) -> Floats:
    """Give the normal interval around unclipped positions, ends clipped to [-1, 1], shape (n_texts, 2).

    Raises
    ------
    InputError
        If `confidence` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InputError(f"`confidence` is {confidence}; it must lie between 0 and 1, such as 0.95")
    from statistics import NormalDist

    margin = NormalDist().inv_cdf(0.5 + confidence / 2) * np.sqrt(variance)
    return np.clip(np.stack([position - margin, position + margin], axis=1), -1.0, 1.0)


def noise_by_content(content: Sequence[bytes], n_draws: int, random_state: int) -> Floats:
    """Give standard normal draws seeded by each text's content, shape (n_draws, n_texts)."""
    columns = np.empty((n_draws, len(content)))
    for row, seen in enumerate(content):
        seed = int.from_bytes(hashlib.sha256(seen).digest()[:8], "little")
        columns[:, row] = np.random.default_rng([random_state, seed]).standard_normal(n_draws)
    return columns
