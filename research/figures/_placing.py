"""Where names stand on a map, so that none covers another: a greedy search with no random draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["place"]

_COVERED = 80.0
_RADIUS = 4.0
_CROSSED = 150.0
"""Pixels of distance that covering one more point is worth, a point's own radius, and what a crossed name is worth."""


def place(
    homes: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    points: NDArray[np.float64],
    bounds: tuple[float, float, float, float],
) -> list[tuple[float, float]]:
    """Give each name a centre near its home.

    In the given order, each name takes the place with the least distance plus covered points among those where it
    covers no earlier name and stays inside; where none is left, the one with the least overlap.

    Parameters
    ----------
    homes : sequence of (x, y)
        Where each name would stand best, in pixels.
    sizes : sequence of (width, height)
        Of each name, in pixels.
    points : ndarray of shape (n_points, 2)
        What is better not covered, in pixels.
    bounds : (left, bottom, right, top)
        Where names may stand, in pixels.

    Returns
    -------
    list of (x, y)
        Centres, in pixels.

    Examples
    --------
    >>> import numpy as np
    >>> one, two = place([(50, 50), (50, 50)], [(30, 10), (30, 10)], np.empty((0, 2)), (0, 0, 100, 100))
    >>> one, abs(one[1] - two[1]) >= 10 or abs(one[0] - two[0]) >= 30
    ((50.0, 50.0), True)
    """
    import numpy as np

    left, bottom, right, top = bounds
    # Where there are many points, a name covers some wherever it stands: what counts then is the share.
    price = _COVERED * min(1.0, 150 / max(len(points), 1))
    taken: list[tuple[float, float, float, float]] = []
    centres = []
    for (home_x, home_y), (width, height) in zip(homes, sizes, strict=True):
        half_x, half_y = width / 2, height / 2
        best: tuple[float, float, float] | None = None
        for dx, dy in _offsets(max(right - left, top - bottom)):
            x = float(np.clip(home_x + dx, min(left + half_x, right), max(right - half_x, left)))
            y = float(np.clip(home_y + dy, min(bottom + half_y, top), max(top - half_y, bottom)))
            overlap = sum(
                max(0.0, min(x + half_x, x1) - max(x - half_x, x0))
                * max(0.0, min(y + half_y, y1) - max(y - half_y, y0))
                for x0, y0, x1, y1 in taken
            )
            distance = math.hypot(x - home_x, y - home_y)
            # The line home is looked at in steps: it should not run through an earlier name.
            crossed = any(
                x0 < x + (home_x - x) * step / 12 < x1 and y0 < y + (home_y - y) * step / 12 < y1
                for x0, y0, x1, y1 in taken
                for step in range(1, 12)
            )
            cost = 1e4 * overlap + distance + _CROSSED * crossed
            if best is not None and cost >= best[0]:
                continue
            inside = (np.abs(points[:, 0] - x) < half_x + _RADIUS) & (np.abs(points[:, 1] - y) < half_y + _RADIUS)
            cost += price * int(inside.sum())
            if best is None or cost < best[0]:
                best = (cost, x, y)
        assert best is not None
        _, x, y = best
        taken.append((x - half_x, y - half_y, x + half_x, y + half_y))
        centres.append((x, y))
    return centres


def _offsets(reach: float) -> list[tuple[float, float]]:
    """Give the places to try, from home outward in rings of 16."""
    offsets = [(0.0, 0.0)]
    radius = 8.0
    while radius < reach:
        # Names are wider than high: straight above and below come first.
        for i in range(16):
            angle = math.pi / 2 + (i // 2 + i % 2) * (1 if i % 2 else -1) * math.pi / 8
            offsets.append((round(radius * math.cos(angle), 3), round(radius * math.sin(angle), 3)))
        radius += 8.0
    return offsets
