"""Themes of fewer than a hundred paragraphs: what many Ward trees agree on.

A graph of so few nodes has communities, but which ones is chance. Instead the paragraphs are clustered by Ward's
method as they are, and moved one or two steps towards their neighbours, with fewer or more neighbours and cut at six
heights; how often two paragraphs fall together is their similarity (evidence accumulation), average linkage makes a
tree of it, and the cut with the highest silhouette of the smoothed rows is kept. No random number is drawn.

AMI / ARI with the labels (all-MiniLM-L6-v2): parts of 60 bills, BBC articles and posts; bills of one topic, by
subtopic; 70 posts of one family of groups, by group:

======================================  ===========  ===========  ===========  ===========  ===========
                                        bills        BBC          posts        one topic    one family
======================================  ===========  ===========  ===========  ===========  ===========
many Ward runs joined (in use)          .389 / .298  .673 / .616  .385 / .247  .360 / .294  .480 / .401
many Leiden runs joined                 .376 / .269  .675 / .607  .316 / .148  .316 / .243  .514 / .432
Leiden, silhouette with guard           .376 / .309  .627 / .542  .393 / .269  .325 / .268  .494 / .392
Leiden, silhouette                      .410 / .344  .575 / .443  .425 / .338  .335 / .264  .432 / .275
smoothed Ward, silhouette               .375 / .293  .626 / .543  .310 / .152  .330 / .278  .495 / .414
======================================  ===========  ===========  ===========  ===========  ===========

References
----------
Ward (1963), Hierarchical grouping to optimize an objective function. Fred & Jain (2005), Combining multiple clusterings
using evidence accumulation.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from research.themes._communities import best_level
from research.themes._geometry import Floats
from research.themes._neighbors import nearest_neighbors, neighbor_graph, smoothed
from research.themes._tree import Labels, ThemeTree

__all__ = ["agreed_tree", "find_ward_themes"]

_STEPS = (0, 1, 2)
_CUTS = 6
_LEVELS = 16
_LEAST_NEIGHBORS = 5


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # the bits of a BLAS product depend on the threads
def find_ward_themes(rows: Floats) -> tuple[Labels, ThemeTree] | None:
    """Find themes among few distinct, sorted, centred unit rows.

    Returns
    -------
    labels : ndarray of int64
    tree : ThemeTree
        None of the two where the rows show no two groups.
    """
    tree = agreed_tree(rows)
    n = len(rows)
    counts = sorted({round(count) for count in np.geomspace(2, max(3, n // 4), _LEVELS)})
    levels = [tree.cut(count) for count in counts]
    n_neighbors = min(max(_LEAST_NEIGHBORS, round(n**0.5)), n - 1)
    graph = neighbor_graph(*nearest_neighbors(rows, n_neighbors))
    chosen = best_level(smoothed(rows, n_neighbors, 1), graph, levels)
    return None if chosen is None else (levels[chosen], tree)


def agreed_tree(rows: Floats) -> ThemeTree:
    """Join Ward trees by how often they put two rows together."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    n = len(rows)
    cuts = sorted({int(count) for count in np.geomspace(min(4, n), max(5, n // 4), _CUTS)})
    together = np.zeros((n, n))
    runs = 0
    for n_neighbors in sorted({max(2, n // 16), max(3, n // 8), max(4, min(10, n // 6))}):
        for steps in _STEPS:
            ward = linkage(smoothed(rows, min(n_neighbors, n - 1), steps), "ward")
            for count in cuts:
                labels = fcluster(ward, count, "maxclust")
                together += labels[:, None] == labels[None]
                runs += 1
    apart = 1.0 - together / runs
    np.fill_diagonal(apart, 0.0)
    joined = linkage(squareform(apart, checks=False), "average")[:, :2].astype(np.int64)
    head = list(range(n))  # a leaf of every group, as scipy numbers them
    merges = []
    for a, b in joined:
        merges.append((head[a], head[b]))
        head.append(min(head[a], head[b]))
    return ThemeTree(np.arange(n, dtype=np.int64), np.array(merges, dtype=np.int64).reshape(-1, 2))
