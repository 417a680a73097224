"""Themes nobody named: clusters are found, and a classifier in embedding space stays when the clusterer is gone.

From 100 distinct paragraphs on, themes are communities of the graph of nearest neighbours (`_communities`); below, what
many Ward trees agree on (`_ward`); or clusters of UMAP and HDBSCAN (`_umap`), where that is asked for. In each case all
paragraphs are first freed of what they share, the corpus mean, and repeats count once. What a theme is afterwards is
`LinearThemes`.

References
----------
Hennig (2007), Cluster-wise assessment of cluster stability, for recovery, with subsets in place of the bootstrap, whose
repeats would look like clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from research._shapes import check_shapes
from research.themes._calibration import Calibration
from research.themes._communities import communities_again, find_communities
from research.themes._fitted import Neighborhood, Remembered
from research.themes._geometry import Floats, centre, exact_mean, sort_rows
from research.themes._linear import LinearThemes
from research.themes._quality import cluster_recovery
from research.themes._tree import Labels, ThemeTree, by_first_row
from research.themes._umap import find_clusters
from research.themes._ward import agreed_tree, find_ward_themes

__all__ = ["FEW", "MINIMUM", "Discovered", "DiscoveredThemes", "discover"]

MINIMUM = 12  # distinct paragraphs below which there is nothing to cluster
FEW = 100  # below which Ward trees do better than communities
_LARGEST = 30_000  # distinct paragraphs that clusters are looked for among; the rest are assigned
_LARGEST_RERUN = 2_500
_CALIBRATED_ON = 5_000
_SHAPES: dict[str, tuple[int | str, ...]] = {
    "discovered_weights": ("themes", "dimensions"),
    "discovered_intercepts": ("themes",),
    "discovered_calibration": (5,),
    "discovered_keys": ("rows",),
    "discovered_log_odds": ("rows", "themes"),
    "discovered_stability": ("rows",),
    "discovered_neighbors": ("neighbors", "dimensions"),
}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class DiscoveredThemes:
    """Discovered themes as arrays.

    Attributes
    ----------
    mean : ndarray, shape (1, n_dimensions)
    linear : LinearThemes
    calibration : Calibration
        Fitted on the clusters' rows, each scored without itself.
    remembered : Remembered
    neighborhood : Neighborhood
    """

    mean: Floats
    linear: LinearThemes
    calibration: Calibration
    remembered: Remembered
    neighborhood: Neighborhood

    @property
    def n_themes(self) -> int:
        """How many themes were discovered."""
        return len(self.linear.weights)

    def assign(self, vectors: Floats) -> NDArray[np.int64]:
        """Give each unit row on the grid its theme, from 0."""
        return self.linear.assign(centre(vectors, self.mean))

    def score(self, vectors: Floats) -> Floats:
        """Give the log-odds of unit rows on the grid, shape (n, n_themes); of fitted ones, as if they were new."""
        rows = centre(vectors, self.mean)
        return self.remembered.replace(rows, self.calibration.log_odds(self.linear.score(rows)))

    def stability(self, vectors: Floats) -> Floats:
        """Give the stability of fitted unit rows, NaN for others, shape (n,)."""
        return self.remembered.stability_of(centre(vectors, self.mean))

    def outliers(self, vectors: Floats) -> NDArray[np.bool_]:
        """Say which unit rows on the grid are near to none of the fitted ones."""
        return self.neighborhood.outliers(centre(vectors, self.mean))

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the whole state as arrays."""
        return {
            "discovered_mean": self.mean,
            "discovered_weights": self.linear.weights,
            "discovered_intercepts": self.linear.intercepts,
            "discovered_calibration": np.array(
                [*self.calibration.coefficients, self.calibration.cut, self.neighborhood.fence], dtype=np.float64
            ),
            "discovered_keys": self.remembered.keys,
            "discovered_log_odds": self.remembered.log_odds,
            "discovered_stability": self.remembered.stability,
            "discovered_neighbors": self.neighborhood.rows.astype(np.float32),  # on the grid, so nothing is lost
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> DiscoveredThemes:
        """Take the state up again."""

        def numbers(name: str) -> Floats:
            return np.asarray(arrays[f"discovered_{name}"], dtype=np.float64)

        check_shapes("discovered themes", arrays, _SHAPES)
        calibration = numbers("calibration")
        return cls(
            numbers("mean"),
            LinearThemes(numbers("weights"), numbers("intercepts")),
            Calibration(calibration[:3], float(calibration[3])),
            Remembered(
                np.asarray(arrays["discovered_keys"], dtype=np.uint64),
                np.asarray(arrays["discovered_log_odds"], dtype=np.float32),
                np.asarray(arrays["discovered_stability"], dtype=np.float32),
            ),
            Neighborhood(numbers("neighbors"), float(calibration[4])),
        )


@dataclass(frozen=True)
class Discovered:
    """What a search for themes found.

    Attributes
    ----------
    themes : DiscoveredThemes or None
        None where there are too few rows, or no two groups.
    recovery : list of float or None
        For each theme, the mean over reruns of its best Jaccard overlap with a rerun's theme; None where nothing was
        rerun.
    tree : ThemeTree or None
        Over the rows, finer and coarser; None for UMAP and HDBSCAN and above 30,000 distinct rows.
    note : str or None
        Why there are none, or how many of them the data support.
    by : {"leiden", "ward", "hdbscan"} or None
        What found them.
    """

    themes: DiscoveredThemes | None
    recovery: list[float | None]
    tree: ThemeTree | None
    note: str | None
    by: Literal["leiden", "ward", "hdbscan"] | None = None


def discover(
    vectors: Floats,
    *,
    method: Literal["auto", "hdbscan"],
    what: str,
    n_themes: int | None = None,
    n_neighbors: int | None = None,
    min_cluster_size: int | None = None,
    n_resamples: int = 0,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Discovered:
    """Find themes among unit rows on the grid.

    Parameters
    ----------
    vectors : ndarray, shape (n, n_dimensions)
    method : {"auto", "hdbscan"}
    what : str
        What the rows are, for the notes: "paragraphs", or those a codebook leaves.
    n_themes, n_neighbors, min_cluster_size : int, optional
        By default chosen from the data.
    n_resamples : int
        Reruns on four fifths of the rows, at most 2,500 of them.
    random_state : int
        Of the reruns; and of UMAP, where that is used.
    progress : callable, optional
    """
    nothing = partial(Discovered, None, [], None)
    once, where = sort_rows(vectors)
    mean = exact_mean(vectors[once])[None]  # of distinct rows: repeats must not move it
    centred = centre(vectors[once], mean)
    first, place = sort_rows(centred)
    place = place[where]
    distinct = centred[first]
    about = np.flatnonzero(np.any(distinct != 0, axis=1))
    rows = distinct[about]
    if len(first) < MINIMUM:
        counted = what.replace("paragraphs", "paragraph", 1) if len(first) == 1 else what
        return nothing(f"{len(first)} distinct {counted}; at least {MINIMUM} are needed to discover themes")
    whole = len(rows) <= _LARGEST
    kept = np.arange(len(rows))
    if not whole:
        kept = np.sort(np.random.default_rng(0).choice(len(rows), _LARGEST, replace=False))
    sample = rows[kept]
    found, tree, again = _clusters(sample, method, n_themes, n_neighbors, min_cluster_size, random_state, whole)
    if found is None:
        return nothing(f"the {len(first)} distinct {what} show no two separate groups; no theme was discovered")
    linear, left_out = LinearThemes.fit(sample, found)
    labels = linear.assign(sample)
    while len(np.unique(labels)) < len(linear.weights):  # a theme that keeps no paragraph is none
        found = by_first_row(labels)
        if found.max() < 1:
            return nothing(f"the {len(first)} distinct {what} show no two separate groups; no theme was discovered")
        linear, left_out = LinearThemes.fit(sample, found)
        labels = linear.assign(sample)
    order = _by_size(labels, len(linear.weights))
    linear = LinearThemes(linear.weights[order], linear.intercepts[order])
    labels = linear.assign(sample)
    left_out, found = left_out[:, order], np.argsort(order)[found]
    calibration = _calibrate(left_out, found)
    recovery, stayed = _rerun(sample, labels, len(order), again, n_resamples, random_state, progress)
    themes = DiscoveredThemes(
        mean,
        linear,
        calibration,
        Remembered.of(sample, calibration.log_odds(left_out), stayed),
        Neighborhood.of(sample, labels),
    )
    if tree is not None and whole:
        leaves = np.full(len(first), tree.n_leaves - 1, dtype=np.int64)  # a text about nothing goes with the last
        leaves[about] = tree.leaves
        tree = ThemeTree(leaves[place], tree.merges)
    by: Literal["leiden", "ward", "hdbscan"] = (
        "hdbscan" if method == "hdbscan" else "ward" if len(sample) < FEW else "leiden"
    )
    return Discovered(themes, recovery, tree if whole else None, _support(recovery, what, len(sample)), by)


Again = Callable[[NDArray[np.int64], int], Labels | None]


def _clusters(
    rows: Floats,
    method: str,
    n_themes: int | None,
    n_neighbors: int | None,
    min_cluster_size: int | None,
    random_state: int,
    whole: bool,
) -> tuple[Labels | None, ThemeTree | None, Again]:
    """Cluster rows, and say how to do it again on some of them with another seed; the tree only where it is used."""
    if method == "hdbscan":
        clusters = find_clusters(rows, n_neighbors, min_cluster_size, random_state)
        if clusters is None:
            return None, None, _never
        labels, size = clusters

        def again(kept: NDArray[np.int64], seed: int) -> Labels | None:
            smaller = max(2, round(size * len(kept) / len(rows)))
            rerun = find_clusters(rows[kept], n_neighbors, smaller, seed)
            return None if rerun is None else rerun[0]

        return labels, None, again
    if len(rows) < FEW:
        if n_themes is None:
            few = find_ward_themes(rows)
        else:
            tree = agreed_tree(rows)
            few = tree.cut(n_themes), tree
        if few is None:
            return None, None, _never
        n_found = int(few[0].max()) + 1
        return *few, lambda kept, seed: agreed_tree(rows[kept]).cut(n_found)
    communities = find_communities(rows, n_neighbors)
    if communities is None:
        return None, None, _never
    labels, hierarchy, resolution = communities
    found_tree = hierarchy() if whole or n_themes is not None else None
    if found_tree is not None and n_themes is not None:
        labels = found_tree.cut(n_themes)

    def once_more(kept: NDArray[np.int64], seed: int) -> Labels:
        found, finer = communities_again(rows[kept], resolution, n_neighbors, seed)
        return found if n_themes is None else finer().cut(n_themes)

    return labels, found_tree, once_more


def _never(kept: NDArray[np.int64], seed: int) -> None:
    return None


def _by_size(labels: Labels, n_themes: int) -> NDArray[np.int64]:
    """Order themes by size, then by their first row."""
    counts = np.bincount(labels, minlength=n_themes)
    first = np.full(n_themes, len(labels))
    np.minimum.at(first, labels, np.arange(len(labels)))
    return np.lexsort((first, -counts))


def _calibrate(left_out: Floats, labels: Labels) -> Calibration:
    kept = np.arange(len(labels))
    if len(kept) > _CALIBRATED_ON:
        kept = np.sort(np.random.default_rng(0).choice(len(kept), _CALIBRATED_ON, replace=False))
    return Calibration.fit(left_out[kept], labels[kept])


def _rerun(
    rows: Floats,
    labels: Labels,
    n_themes: int,
    again: Again,
    n_resamples: int,
    random_state: int,
    progress: Progress | None,
) -> tuple[list[float | None], Floats]:
    """Look for the themes again on parts of the rows.

    Returns
    -------
    recovery : list of float or None, one a theme
    stayed : ndarray, one a row
        The share of reruns, of those that had the row, whose theme of the row is the one that overlaps most with its
        own theme.
    """
    rng = np.random.default_rng(random_state)
    overlaps = np.zeros((n_resamples, n_themes))
    seen, stayed = np.zeros(len(rows)), np.zeros(len(rows))
    n_kept = min(4 * len(rows) // 5, _LARGEST_RERUN)
    for resample in range(n_resamples):
        kept = np.sort(rng.choice(len(rows), n_kept, replace=False))
        found = again(kept, resample + 1)
        seen[kept] += 1
        if found is not None:  # no two groups this time: nothing came back
            recovered = cluster_recovery(labels[kept].tolist(), found.tolist())
            overlaps[resample] = [recovered.get(theme, 0.0) for theme in range(n_themes)]
            stayed[kept] += _partners(labels[kept], found)[labels[kept]] == found
        if progress is not None:
            progress("discovered themes again", resample + 1, n_resamples)
    share = np.divide(stayed, seen, out=np.full(len(rows), np.nan), where=seen > 0)
    if not n_resamples:
        return [None] * n_themes, share
    return [float(value) for value in overlaps.mean(axis=0)], share


def _partners(labels: Labels, again: Labels) -> Labels:
    """Give, for each theme, the theme of the other clustering that it overlaps with most (Jaccard)."""
    both = np.zeros((int(labels.max()) + 1, int(again.max()) + 1))
    np.add.at(both, (labels, again), 1)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    partners: Labels = np.argmax(both / np.maximum(union, 1), axis=1).astype(np.int64)
    return partners


def _support(recovery: list[float | None], what: str, n: int) -> str | None:
    """Say how many themes come back; Hennig calls a cluster with a recovery below one half dissolved."""
    known = [value for value in recovery if value is not None]
    firm = sum(value >= 0.5 for value in known)
    if not known or firm == len(known):
        return None
    part = f"when a fifth of the {what} is left out"
    if 4 * n // 5 > _LARGEST_RERUN:
        part = f"among {_LARGEST_RERUN:,} of the {what}, drawn at random"
    return (
        f"{firm} of {len(known)} discovered themes come back {part} (recovery of at least .5): the data support no "
        f"more than that; read the others as suggestions"
    )
