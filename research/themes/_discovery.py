"""Themes nobody named: UMAP, HDBSCAN, and a classifier in embedding space that stays when both are gone.

UMAP and HDBSCAN only find the clusters. What a theme is afterwards is its centroid (cosine, centred), and every
paragraph, of the fit or new, goes to a theme by that alone: UMAP has no reload that survives an upgrade.

The granularity is chosen by the cosine silhouette, in embedding space, of the assignment of *all* rows to the
centroids. HDBSCAN picks the leaves of its tree: with excess of mass one far-away group makes the first split win and
two clusters are all there is. Found so, AMI / ARI (number of clusters), no number given, all-MiniLM-L6-v2:

===============================  =====================  ====================
corpus (labels)                  leaves (in use)        excess of mass
===============================  =====================  ====================
BBC, 800 texts (5)               .857 / .891 (5)        .857 / .891 (5)
BBC, 120                         .767 / .710 (4)        .767 / .710 (4)
20 Newsgroups, 600 (20)          .563 / .418 (23)       .567 / .319 (11)
20 Newsgroups, 250               .468 / .220 (6)        .239 / .067 (2)
bills, 503 (21)                  .438 / .281 (20)       .436 / .302 (17)
===============================  =====================  ====================

Fifteen neighbours in place of ten gave .860, .766, .598, .470 and .449 at these sizes and less below 100 texts.

References
----------
McInnes, Healy & Melville (2018), UMAP. Campello, Moulavi & Sander (2013), HDBSCAN.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError
from research.themes._calibration import Calibration
from research.themes._geometry import Floats, centre, exact_mean, sort_rows, unit

__all__ = ["MINIMUM", "DiscoveredThemes", "discover", "map_coordinates"]

MINIMUM = 12  # distinct paragraphs below which a density estimate means nothing
_LARGEST = 20_000  # distinct paragraphs that clusters are looked for among; the rest are assigned
_LARGEST_RERUN = 2_000
_COMPONENTS = 5
_EPOCHS = 200
_MIN_SAMPLES = 5

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class DiscoveredThemes:
    """Discovered themes as arrays.

    Attributes
    ----------
    mean : ndarray, shape (1, n_dimensions)
    centroids : ndarray, shape (n_themes, n_dimensions)
        Unit length, of centred rows.
    calibration : Calibration
        Fitted on the clusters' rows, each against its own cluster without it.
    min_cluster_size : int
        The one that was chosen.
    """

    mean: Floats
    centroids: Floats
    calibration: Calibration
    min_cluster_size: int

    @property
    def n_themes(self) -> int:
        """How many themes were discovered."""
        return len(self.centroids)

    def score(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Give the log-odds and the cosines of unit rows on the grid, each of shape (n, n_themes)."""
        similarity: Floats = centre(vectors, self.mean) @ self.centroids.T
        return self.calibration.log_odds(similarity), similarity

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the whole state as arrays."""
        return {
            "discovered_mean": self.mean,
            "discovered_centroids": self.centroids,
            "discovered_calibration": np.array(
                [*self.calibration.coefficients, self.calibration.cut, self.min_cluster_size]
            ),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> DiscoveredThemes:
        """Take the state up again."""
        calibration = np.asarray(arrays["discovered_calibration"], dtype=np.float64)
        return cls(
            np.asarray(arrays["discovered_mean"], dtype=np.float64),
            np.asarray(arrays["discovered_centroids"], dtype=np.float64),
            Calibration(calibration[:3], float(calibration[3])),
            int(calibration[4]),
        )


def discover(
    vectors: Floats,
    *,
    n_neighbors: int,
    min_cluster_size: int | None,
    n_resamples: int,
    random_state: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[DiscoveredThemes | None, list[float | None], str | None]:
    """Find themes among unit rows on the grid.

    Returns
    -------
    themes : DiscoveredThemes or None
        None where there are too few rows, or no two clusters.
    recovery : list of float or None
        For each theme, the mean over reruns on four fifths of the rows of its best Jaccard overlap with a rerun's
        theme; None where nothing was rerun.
    note : str or None
        Why there are none.

    References
    ----------
    Hennig (2007), Cluster-wise assessment of cluster stability, with subsets in place of the bootstrap, whose repeats
    would look like clusters to a density estimate.
    """
    mean = exact_mean(vectors)[None]
    rows = centre(vectors, mean)
    first, _ = sort_rows(rows)
    rows = rows[first]
    rows = rows[np.any(rows != 0, axis=1)]
    if len(rows) < MINIMUM:
        return (
            None,
            [],
            (
                f"{len(first)} distinct paragraph(s) reach the threshold for no theme of the codebook; "
                f"at least {MINIMUM} are needed to discover themes"
            ),
        )
    rng = np.random.default_rng(random_state)
    sample = rows if len(rows) <= _LARGEST else rows[np.sort(rng.choice(len(rows), _LARGEST, replace=False))]
    sizes = _sizes(len(sample)) if min_cluster_size is None else [min_cluster_size]
    found = _clusters(sample, sizes, n_neighbors, random_state)
    if found is None:
        return (
            None,
            [],
            (
                f"the {len(first)} distinct paragraphs that reach the threshold for no theme of the codebook show no "
                "two separate groups; no theme was discovered"
            ),
        )
    centroids, labels, size = found
    sums = np.vstack([sample[labels == k].sum(axis=0) for k in range(len(centroids))])
    left_out = sample @ centroids.T
    own = unit(sums[labels] - sample)
    left_out[np.arange(len(sample)), labels] = np.sum(own * sample, axis=1)
    themes = DiscoveredThemes(mean, centroids, Calibration.fit(left_out, labels), size)

    overlaps = np.zeros((n_resamples, len(centroids)))
    for resample in range(n_resamples):
        n_kept = min(max(4 * len(sample) // 5, MINIMUM), _LARGEST_RERUN)
        kept = np.sort(rng.choice(len(sample), n_kept, replace=False))
        smaller = max(2, round(size * n_kept / len(sample)))
        again = _clusters(sample[kept], [smaller], n_neighbors, random_state)
        if again is not None:  # no two clusters this time: nothing came back
            overlaps[resample] = _best_jaccard(labels[kept], again[1], len(centroids))
        if progress is not None:
            progress("discovered themes again", resample + 1, n_resamples)
    recovery: list[float | None] = [float(x) for x in overlaps.mean(axis=0)] if n_resamples else [None] * len(centroids)
    return themes, recovery, None


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
    if len(distinct) > _LARGEST:
        kept = np.sort(np.random.default_rng(random_state).choice(len(distinct), _LARGEST, replace=False))
    axes = _principal(distinct[kept], 2)
    if len(distinct) < 10 or axes.shape[1] < 2:
        coordinates = np.zeros((len(distinct), 2))
        coordinates[kept, : axes.shape[1]] = axes
    else:
        coordinates = np.zeros((len(distinct), 2))
        coordinates[kept] = _umap(distinct[kept], 15, 2, 0.1, random_state)
    for row in np.setdiff1d(np.arange(len(distinct)), kept):  # beyond the sample: between its three nearest
        nearest = np.argsort(-(distinct[kept] @ distinct[row]), kind="stable")[:3]
        coordinates[row] = coordinates[kept[nearest]].mean(axis=0)
    return np.round(coordinates[place], 6) + 0.0


def _sizes(n: int) -> list[int]:
    """Nine sizes from a hundredth to a sixth of the rows, in equal ratios."""
    return sorted({round(size) for size in np.geomspace(max(4, n / 100), max(5, n / 6), 9)})


def _clusters(rows: Floats, sizes: list[int], n_neighbors: int, random_state: int) -> tuple[Floats, Labels, int] | None:
    """Cluster distinct, sorted, centred rows at the size with the best silhouette.

    Returns
    -------
    centroids, labels of all rows, size; or None where no size gives two clusters.
    """
    from sklearn.metrics import silhouette_score

    n_components = min(_COMPONENTS, _principal(rows, _COMPONENTS).shape[1], len(rows) - 2)
    if n_components < 1:
        return None
    places = _umap(rows, n_neighbors, n_components, 0.0, random_state).astype(np.float64)
    scored = np.arange(len(rows))
    if len(rows) > 3000:
        scored = np.sort(np.random.default_rng(random_state).choice(len(rows), 3000, replace=False))
    best: tuple[Floats, Labels, int] | None = None
    highest = -np.inf
    for size in sizes:
        assigned = _assign(rows, _hdbscan(places, size))
        if assigned is None or not 1 < len(np.unique(assigned[1][scored])) < len(scored):
            continue
        silhouette = silhouette_score(rows[scored], assigned[1][scored], metric="cosine")
        if silhouette > highest + 1e-9:
            highest, best = silhouette, (*assigned, size)
    return best


def _assign(rows: Floats, clusters: Labels) -> tuple[Floats, Labels] | None:
    """Assign all rows to the clusters' centroids, and number those by size, then by their first row."""
    centroids = [unit(rows[clusters == k].sum(axis=0)[None])[0] for k in range(clusters.max(initial=-1) + 1)]
    if len(centroids) < 2:
        return None
    labels = np.argmax(rows @ np.array(centroids).T, axis=1)
    found, first, counts = np.unique(labels, return_index=True, return_counts=True)
    if len(found) < 2:
        return None
    order = found[np.lexsort((first, -counts))]
    ordered = np.array(centroids)[order]
    return ordered, np.argmax(rows @ ordered.T, axis=1).astype(np.int64)


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

    neighbors, distances = _neighbors(rows, min(n_neighbors, len(rows) - 1))
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


def _neighbors(rows: Floats, n_neighbors: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the exact nearest neighbours of unit rows, the row itself first, and their Euclidean distances."""
    n_neighbors = max(n_neighbors, 2)
    indices = np.empty((len(rows), n_neighbors), dtype=np.int64)
    cosines = np.empty((len(rows), n_neighbors))
    for start in range(0, len(rows), 2048):
        similarity = rows[start : start + 2048] @ rows.T
        own = np.arange(len(similarity))
        similarity[own, start + own] = 2.0
        near = np.sort(np.argpartition(-similarity, n_neighbors - 1, axis=1)[:, :n_neighbors], axis=1)
        order = np.argsort(-np.take_along_axis(similarity, near, axis=1), axis=1, kind="stable")
        indices[start : start + 2048] = np.take_along_axis(near, order, axis=1)
        cosines[start : start + 2048] = np.take_along_axis(similarity, indices[start : start + 2048], axis=1)
    return indices, np.sqrt(np.maximum(2 - 2 * cosines, 0)).astype(np.float32)


def _principal(rows: Floats, n_components: int) -> Floats:
    """Project on the first principal axes, at most as many as have variance, each axis's largest weight positive."""
    values, axes = np.linalg.eigh(rows.T @ rows)
    kept = [k for k in range(len(values) - 1, -1, -1) if values[k] > 1e-6 * max(values[-1], 1e-12)][:n_components]
    axes = axes[:, kept]
    signs = np.sign(axes[np.argmax(np.abs(axes), axis=0), np.arange(axes.shape[1])])
    projected: Floats = rows @ (axes * signs)
    return projected


def _best_jaccard(labels: Labels, again: Labels, n_themes: int) -> Floats:
    both = np.zeros((n_themes, again.max() + 1))
    np.add.at(both, (labels, again), 1)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    result: Floats = (both / np.maximum(union, 1)).max(axis=1)
    return result
