"""Themes as communities of the graph of nearest neighbours, from about a hundred paragraphs on.

The graph joins each paragraph with its nearest neighbours by cosine, after what all paragraphs share, their mean, is
taken away. The Leiden algorithm finds its communities at fourteen resolutions. Trivial splits are left out (those whose
modularity is below .88 of the best); of the others the finest is kept whose cosine silhouette is within 7% of the
highest: where two granularities are as good as equal, the coarser one can be had from the hierarchy, and what it
merged cannot be seen.

How many themes there are was the question. AMI / ARI with expert labels (number found), nothing given, on
all-MiniLM-L6-v2; the corpora are bills (21 topics), BBC articles (5), newsgroup posts (20), random parts of them:

=========================================  ===========  ===========  ===========  ===========  ===========  ===========
what is clustered, how the level is found  bills, 120   bills, 503   BBC, 120     BBC, 250     posts, 250   posts, 3,000
=========================================  ===========  ===========  ===========  ===========  ===========  ===========
Leiden, best of the 14 by the labels       .478 / .386  .498 / .380  .763 / .757  .835 / .837  .583 / .433  .626 / .448
Leiden, highest silhouette with guard      .455 / .353  .482 / .380  .733 / .732  .794 / .765  .570 / .409  .613 / .419
Leiden, silhouette                         .471 / .371  .482 / .380  .733 / .732  .794 / .765  .508 / .372  .613 / .419
Leiden, silhouette of smoothed rows        .450 / .349  .476 / .362  .733 / .732  .778 / .742  .556 / .366  .613 / .419
Leiden, silhouette to centroids only       .354 / .242  .478 / .345  .713 / .679  .807 / .787
smoothed Ward, silhouette                  .419 / .304  .452 / .282  .721 / .690  .701 / .640  .458 / .295
Ward, silhouette                           .368 / .243  .440 / .238  .580 / .470  .535 / .351
many Leiden runs joined, silhouette        .416 / .264               .754 / .746  .801 / .791  .528 / .261
many Ward runs joined, silhouette          .404 / .259               .707 / .720  .754 / .697  .368 / .194
fine communities joined upward (Paris)                  .488 / .390                                         .613 / .470
=========================================  ===========  ===========  ===========  ===========  ===========  ===========

The last was worse where the labels are few (BBC, 2,225: .806 / .839 against .838 / .868).

How near the highest silhouette the finest level may lie, means over draws (8, 4 and 3 of posts, 5 and 3 of the others)
and the whole corpora, each level as `LinearThemes` makes it; posts whole, not cut:

==========================  ===========  ===========  ===========  ===========  ===========  ===========
within                      posts, 250   posts,       posts,       BBC, 250     BBC, 1,000   BBC, 2,225
                                         1,000        4,000
==========================  ===========  ===========  ===========  ===========  ===========  ===========
0% (the highest)            .550 / .366  .601 / .410  .621 / .397  .796 / .783  .859 / .886  .856 / .888
2%                          .554 / .375  .601 / .411  .621 / .397  .777 / .757  .859 / .886  .856 / .888
4 or 5%                     .554 / .379  .603 / .430  .621 / .397  .785 / .776  .859 / .886  .856 / .888
7% (in use)                 .557 / .383  .603 / .452  .628 / .414  .771 / .749  .859 / .886  .856 / .888
10%                         .557 / .383  .603 / .452  .619 / .476  .761 / .722  .849 / .860  .818 / .803
silhouette x modularity     .537 / .331  .604 / .403  .621 / .397  .796 / .783  .859 / .886  .856 / .888
the best by the labels      .564 / .445  .609 / .477  .628 / .501  .837 / .846  .860 / .887  .856 / .888
==========================  ===========  ===========  ===========  ===========  ===========  ===========

==========================  ===========  ===========  ===========  ===========  =================
within                      bills, 250   bills, 400   bills, 503   18,846       mean AMI, ARI, FMI
                                                                   posts
==========================  ===========  ===========  ===========  ===========  =================
0% (the highest)            .453 / .345  .471 / .372  .471 / .360  .609 / .311  .629  .512  .570
2%                          .453 / .345  .471 / .372  .471 / .360  .609 / .311  .627  .510  .568
4 or 5%                     .458 / .350  .471 / .372  .488 / .385  .635 / .405  .633  .527  .578
7% (in use)                 .458 / .350  .471 / .372  .488 / .385  .635 / .405  .633  .528  .578
10%                         .458 / .350  .471 / .372  .488 / .385  .635 / .405  .626  .521  .569
silhouette x modularity     .449 / .330  .455 / .342  .471 / .341  .635 / .405  .628  .511  .570
the best by the labels      .471 / .365  .474 / .383  .488 / .385  .610 / .487  .640  .566  .598
==========================  ===========  ===========  ===========  ===========  =================

4 to 7% are alike in the mean. 7% was taken because the silhouette of large corpora is of 3,000 drawn rows: the levels
of 9 and of 11 themes among the 18,846 posts are 2.8 to 5.0% apart by draw.

References
----------
Traag, Waltman & van Eck (2019), From Louvain to Leiden: guaranteeing well-connected communities. Newman & Girvan
(2004), modularity. Reichardt & Bornholdt (2006), its resolution. Rousseeuw (1987), Silhouettes. Bonald et al. (2018),
Hierarchical graph clustering using node pair sampling (Paris), the similarity between communities in the hierarchy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats
from research.themes._linear import LinearThemes
from research.themes._neighbors import nearest_neighbors, neighbor_graph
from research.themes._tree import Labels, ThemeTree, by_first_row, nested_tree

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["best_level", "communities_again", "find_communities", "n_neighbors_for"]

Hierarchy = Callable[[], ThemeTree]

_RESOLUTIONS = tuple(float(value) for value in np.geomspace(0.3, 5.0, 14))
_FINE = 3.0  # resolution within a theme, for the leaves of the hierarchy
_NEIGHBORS = (5, 30)
_GUARD = 0.88
_AS_GOOD = 0.93  # of the highest silhouette
_SCORED = 3000
_MANY = 5000  # rows above which fewer runs of Leiden compete
_RANDOMNESS = 0.001


def n_neighbors_for(n: int) -> int:
    """Give the number of neighbours for a corpus of `n` paragraphs: 1.5 times its square root, within 5 and 30."""
    return max(1, min(_NEIGHBORS[1], max(_NEIGHBORS[0], int(1.5 * math.sqrt(n) + 0.5)), n - 1))


def find_communities(rows: Floats, n_neighbors: int | None = None) -> tuple[Labels, Hierarchy, float] | None:
    """Find themes among distinct, sorted, centred unit rows.

    Nothing here is drawn at random by the user's seed: Leiden's own seeds are fixed, and its best run counts.

    Returns
    -------
    labels : ndarray of int64
        Themes from 0, by first row.
    hierarchy : callable
        Gives the tree of which `labels` is a cut; of many communities it takes gigabytes while it is made.
    resolution : float
        None of the three where the rows show no two groups.
    """
    graph = _graph(rows, n_neighbors)
    few = len(rows) <= _MANY
    levels = [
        _leiden(graph, resolution, trials=5 if few else 1, iterations=2 if few else 1) for resolution in _RESOLUTIONS
    ]
    chosen = best_level(rows, graph, levels, _AS_GOOD)
    if chosen is None:
        return None
    resolution = _RESOLUTIONS[chosen]
    labels = _leiden(graph, resolution, trials=30 if few else 4)
    if labels.max() < 1:  # more runs at this resolution found that one group is better
        labels = levels[chosen]
    return labels, partial(_tree, graph, labels), resolution


def communities_again(rows: Floats, resolution: float, n_neighbors: int | None, seed: int) -> tuple[Labels, Hierarchy]:
    """Find communities at one resolution, with another seed; and what gives their tree."""
    graph = _graph(rows, n_neighbors)
    labels = _leiden(graph, resolution, trials=2, seed=seed)
    return labels, partial(_tree, graph, labels)


def _graph(rows: Floats, n_neighbors: int | None) -> csr_matrix:
    count = n_neighbors_for(len(rows)) if n_neighbors is None else min(n_neighbors, len(rows) - 1)
    return neighbor_graph(*nearest_neighbors(rows, count))


def best_level(rows: Floats, graph: csr_matrix, levels: list[Labels], as_good: float = 1.0) -> int | None:
    """Give the number of the last partition with as good as the highest silhouette of those that are no trivial split.

    Parameters
    ----------
    rows : ndarray, shape (n, n_dimensions)
        What the silhouette is of, each row with the theme that `LinearThemes` makes of the level; above 3,000 rows, of
        as many drawn with a fixed seed.
    graph : sparse matrix, shape (n, n)
        What the modularity is of.
    levels : list of ndarray of int64, shape (n,)
        From coarse to fine.
    as_good : float
        The share of the highest silhouette that is as good; with 1, of equal ones the first.

    Returns
    -------
    int or None
        None where none has more than one group and fewer than a third as many as rows.
    """
    from sklearn.metrics import silhouette_score

    scored = np.arange(len(rows))
    if len(rows) > _SCORED:
        scored = np.sort(np.random.default_rng(0).choice(len(rows), _SCORED, replace=False))
    distances = np.maximum(1.0 - rows[scored] @ rows[scored].T, 0.0)
    np.fill_diagonal(distances, 0.0)
    usable = [
        number
        for number, labels in enumerate(levels)
        if 1 < len(np.unique(labels)) < len(rows) / 3 and 1 < len(np.unique(labels[scored])) < len(scored)
    ]
    if not usable:
        return None
    modularity = {number: _modularity(graph, levels[number]) for number in usable}
    least = _GUARD * max(modularity.values())
    found: dict[int, float] = {}
    for number in usable:
        if modularity[number] < least:
            continue
        labels = by_first_row(levels[number][scored])
        assigned = LinearThemes.fit(rows[scored], labels)[0].assign(rows[scored])
        if len(np.unique(assigned)) > 1:
            found[number] = round(float(silhouette_score(distances, assigned, metric="precomputed")), 9)
    if not found:
        return None
    highest = max(found.values())
    if as_good == 1 or highest <= 0:
        return min(number for number, value in found.items() if value == highest)
    as_high = [number for number, value in found.items() if value >= as_good * highest]
    n_groups = {number: int(levels[number].max()) for number in as_high}
    # Of as many groups the coarsest resolution, at which they come back more surely.
    return min(number for number in as_high if n_groups[number] == n_groups[max(as_high)])


def _leiden(graph: csr_matrix, resolution: float, *, trials: int, iterations: int = 2, seed: int = 0) -> Labels:
    from graspologic_native import leiden_csr

    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        graph.shape[0],
        resolution=resolution,
        randomness=_RANDOMNESS,
        iterations=iterations,
        seed=seed,
        trials=trials,
    )
    return by_first_row(np.fromiter((found[row] for row in range(graph.shape[0])), np.int64, graph.shape[0]))


def _modularity(graph: csr_matrix, labels: Labels) -> float:
    """Give Q = sum over groups of e_c / m - (d_c / 2m)^2, at resolution 1."""
    between = _between(graph, labels)
    total = between.sum()
    return float(np.trace(between) / total - np.sum((between.sum(axis=1) / total) ** 2))


def _between(graph: csr_matrix, labels: Labels) -> Floats:
    """Give the summed weights of the edges between each two groups."""
    from scipy.sparse import csr_matrix

    n = len(labels)
    member = csr_matrix((np.ones(n), (np.arange(n), labels)), shape=(n, int(labels.max()) + 1))
    return np.asarray((member.T @ graph @ member).todense(), dtype=np.float64)


def _tree(graph: csr_matrix, labels: Labels) -> ThemeTree:
    """Split each theme again at a fine resolution, and join the parts by the weight between them."""
    leaves: NDArray[np.int64] = np.zeros(len(labels), dtype=np.int64)
    count = 0
    for theme in range(int(labels.max()) + 1):
        mine = np.flatnonzero(labels == theme)
        parts = np.zeros(len(mine), dtype=np.int64)
        inner = graph[mine][:, mine].tocsr()
        if len(mine) > 3 and inner.nnz:
            inner.sort_indices()
            parts = _leiden(inner, _FINE, trials=2)
        leaves[mine] = count + parts
        count += int(parts.max()) + 1
    between = _between(graph, leaves)
    degree = np.maximum(between.sum(axis=1), 1e-12)
    similarity = np.outer(degree, degree)
    np.divide(between, similarity, out=similarity)  # in place: there may be many thousand leaves
    del between
    return nested_tree(leaves, labels, similarity, degree)
