"""Everything that needs umap-learn or hdbscan: their clusters, and the map of the paragraphs.

HDBSCAN picks the leaves of its tree: with excess of mass one far-away group makes the first split win, and two clusters
are all there is. The smallest cluster's size is chosen by the cosine silhouette of all rows, each at its nearest
centroid.

References
----------
McInnes, Healy & Melville (2018), UMAP. Campello, Moulavi & Sander (2013), HDBSCAN.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from research.errors import InputError
from research.themes._geometry import Floats, centre, exact_mean, sort_rows, unit
from research.themes._neighbors import nearest_neighbors
from research.themes._tree import Labels, by_first_row

__all__ = ["find_clusters", "map_coordinates"]

_LARGEST_MAP = 20_000
_COMPONENTS = 5
_EPOCHS = 200
_MIN_SAMPLES = 5
_NEIGHBORS = 10
_MAP_NEIGHBORS = 15
_SCORED = 3000
_BLOCK = 256


def find_clusters(
    rows: Floats, n_neighbors: int | None, min_cluster_size: int | None, random_state: int
) -> tuple[Labels, int] | None:
    """Cluster distinct, sorted, centred unit rows at the given smallest size, or the one with the best silhouette.

    Returns
    -------
    labels : ndarray of int64
        Of all rows: each goes to the nearest centroid.
    min_cluster_size : int
        None of the two where no size gives two clusters.
    """
    from sklearn.metrics import silhouette_score

    n_components = min(_COMPONENTS, _principal(rows, _COMPONENTS).shape[1], len(rows) - 2)
    if n_components < 1:
        return None
    places = _umap(rows, n_neighbors or _NEIGHBORS, n_components, 0.0, random_state).astype(np.float64)
    scored = np.arange(len(rows))
    if len(rows) > _SCORED:
        scored = np.sort(np.random.default_rng(0).choice(len(rows), _SCORED, replace=False))
    best: tuple[Labels, int] | None = None
    highest = -np.inf
    for size in _sizes(len(rows)) if min_cluster_size is None else [min_cluster_size]:
        clusters = _hdbscan(places, size)
        if clusters.max(initial=-1) < 1:
            continue
        centroids = unit(np.vstack([rows[clusters == k].sum(axis=0) for k in range(clusters.max() + 1)]))
        labels = by_first_row(np.argmax(rows @ centroids.T, axis=1))
        if not 1 < len(np.unique(labels[scored])) < len(scored):
            continue
        silhouette = silhouette_score(rows[scored], labels[scored], metric="cosine")
        if silhouette > highest + 1e-9:
            highest, best = silhouette, (labels, size)
    return best


def map_coordinates(X: Any, random_state: int = 0) -> Floats:
    """Lay the paragraphs out in the plane with UMAP, near ones near; only for looking at.

    Equal rows get the same place. Below ten distinct rows the first two principal components stand in.

    Parameters
    ----------
    X : Embeddings or array of shape (n, n_dimensions)
    random_state : int, default=0

    Returns
    -------
    ndarray of float64, shape (n, 2)

    Raises
    ------
    InputError
        If there is no row or a value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> map_coordinates(np.eye(3)).shape
    (3, 2)
    """
    values = np.asarray(X, dtype=np.float64)
    if values.ndim != 2 or not len(values) or not np.all(np.isfinite(values)):
        raise InputError("a map needs a table of finite numbers with at least one row")
    rows = unit(values)
    rows = centre(rows, exact_mean(rows)[None])
    first, place = sort_rows(rows)
    distinct = rows[first]
    kept = np.arange(len(distinct))
    if len(distinct) > _LARGEST_MAP:
        kept = np.sort(np.random.default_rng(random_state).choice(len(distinct), _LARGEST_MAP, replace=False))
    axes = _principal(distinct[kept], 2)
    if len(distinct) < 10 or axes.shape[1] < 2:
        coordinates = np.zeros((len(distinct), 2))
        coordinates[kept, : axes.shape[1]] = axes
    else:
        coordinates = np.zeros((len(distinct), 2))
        coordinates[kept] = _umap(distinct[kept], _MAP_NEIGHBORS, 2, 0.1, random_state)
    if len(kept) < len(distinct):
        beyond = np.setdiff1d(np.arange(len(distinct)), kept)
        coordinates[beyond] = _between_nearest(distinct[kept], coordinates[kept], distinct[beyond])
    return np.round(coordinates[place], 6) + 0.0


def _between_nearest(placed: Floats, coordinates: Floats, rows: Floats) -> Floats:
    """Place rows in the middle of the three nearest placed ones; of equally near ones the first count."""
    found = np.empty((len(rows), 2))
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        cosines = rows[block] @ placed.T  # exact on the grid, whatever the block
        nearest = np.empty((len(cosines), 3), dtype=np.int64)
        for rank in range(3):
            nearest[:, rank] = np.argmax(cosines, axis=1)  # the first of equal ones
            np.put_along_axis(cosines, nearest[:, rank, None], -np.inf, axis=1)
        found[block] = coordinates[nearest].mean(axis=1)
    return found


def _sizes(n: int) -> list[int]:
    """Nine sizes from a hundredth to a sixth of the rows, in equal ratios."""
    return sorted({round(size) for size in np.geomspace(max(4, n / 100), max(5, n / 6), 9)})


def _hdbscan(places: Floats, size: int) -> Labels:
    from hdbscan import HDBSCAN

    clusterer = HDBSCAN(
        min_cluster_size=max(size, 2),
        min_samples=min(_MIN_SAMPLES, size),
        cluster_selection_method="leaf",
        approx_min_span_tree=False,
        core_dist_n_jobs=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's renamed arguments, inside hdbscan
        labels: Labels = clusterer.fit_predict(places).astype(np.int64)
    return labels


def _umap(rows: Floats, n_neighbors: int, n_components: int, min_dist: float, random_state: int) -> Floats:
    """Embed with everything fixed that UMAP would draw: exact neighbours, principal components to start from."""
    from umap import UMAP

    count = max(2, min(n_neighbors, len(rows) - 1))  # the row itself is the first of them
    indices, cosines = nearest_neighbors(rows, count - 1)
    neighbors = np.column_stack([np.arange(len(rows)), indices])
    distances = np.sqrt(np.maximum(2 - 2 * np.column_stack([np.ones(len(rows)), cosines]), 0)).astype(np.float32)
    start = _principal(rows, n_components)
    start = 10 * start / np.abs(start).max()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that such a UMAP cannot place new rows: nobody asks it to
        model = UMAP(
            n_neighbors=neighbors.shape[1],
            n_components=n_components,
            min_dist=min_dist,
            n_epochs=_EPOCHS,
            init=start.astype(np.float32),
            precomputed_knn=(neighbors, distances),
            random_state=random_state,
            n_jobs=1,
        )
        return np.asarray(model.fit_transform(rows.astype(np.float32)), dtype=np.float64)


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # the bits of LAPACK depend on the threads
def _principal(rows: Floats, n_components: int) -> Floats:
    """Project on the first principal axes, at most as many as have variance, each axis's largest weight positive."""
    many = rows.shape[1] > max(1000, len(rows))  # then the smaller matrix gives the axes, seconds sooner
    values, axes = np.linalg.eigh(rows @ rows.T if many else rows.T @ rows)
    kept = [k for k in range(len(values) - 1, -1, -1) if values[k] > 1e-6 * max(values[-1], 1e-12)][:n_components]
    axes = axes[:, kept]
    if many:
        axes = rows.T @ axes / np.sqrt(values[kept])
    signs = np.sign(axes[np.argmax(np.abs(axes), axis=0), np.arange(axes.shape[1])])
    projected: Floats = rows @ (axes * signs)
    return projected
