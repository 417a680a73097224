"""A hierarchy of themes: which groups of paragraphs join, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from research.themes._geometry import Floats

__all__ = ["ThemeTree", "average_linkage", "nested_tree"]

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class ThemeTree:
    """Leaves and the merges that join them, one by one, to a single group.

    Attributes
    ----------
    leaves : ndarray of int64, shape (n,)
        The leaf of each row, from 0.
    merges : ndarray of int64, shape (n_leaves - 1, 2)
        Each merge joins the groups of the two leaves named.
    """

    leaves: Labels
    merges: NDArray[np.int64]

    @property
    def n_leaves(self) -> int:
        """Into how many groups the tree can be cut at most."""
        return len(self.merges) + 1

    def cut(self, n_groups: int) -> Labels:
        """Give each row's group when `n_groups` are left (all leaves, if there are fewer), numbered by first row."""
        group = np.arange(self.n_leaves)
        for a, b in self.merges[: max(self.n_leaves - n_groups, 0)]:
            group[group == group[b]] = group[a]
        return by_first_row(group[self.leaves])

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the tree as arrays."""
        return {"tree_leaves": self.leaves, "tree_merges": self.merges}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> ThemeTree:
        """Take a tree up again."""
        return cls(*(np.asarray(arrays[name], dtype=np.int64) for name in ("tree_leaves", "tree_merges")))


def by_first_row(labels: NDArray[np.integer]) -> Labels:
    """Give groups anew, numbered by their first row."""
    _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    anew: Labels = np.argsort(np.argsort(first))[numbers.reshape(-1)].astype(np.int64)
    return anew


def average_linkage(similarity: Floats, weights: Floats) -> list[tuple[int, int, float]]:
    """Join the two most similar groups until one is left; a joint group's similarity is its parts' weighted mean.

    Parameters
    ----------
    similarity : ndarray, shape (m, m)
    weights : ndarray, shape (m,)

    Returns
    -------
    list of (int, int, float)
        m - 1 merges: a member of either group, and how similar the two were; never more than the merge before.
    """
    similarity, weights = similarity.copy(), weights.astype(np.float64).copy()
    np.fill_diagonal(similarity, -np.inf)
    merges = []
    for _ in range(len(weights) - 1):
        a, b = sorted(divmod(int(np.argmax(similarity)), len(weights)))
        merges.append((a, b, float(similarity[a, b])))
        joint = (weights[a] * similarity[a] + weights[b] * similarity[b]) / (weights[a] + weights[b])
        similarity[a], similarity[:, a] = joint, joint
        similarity[a, a] = -np.inf
        similarity[b], similarity[:, b] = -np.inf, -np.inf
        weights[a] += weights[b]
    return merges


def nested_tree(leaves: Labels, themes: Labels, similarity: Floats, weights: Floats) -> ThemeTree:
    """Build a tree of which `themes` is one of the cuts: leaves join within their theme first, then the themes.

    Parameters
    ----------
    leaves, themes : ndarray of int64, shape (n,)
        Every leaf lies within one theme.
    similarity : ndarray, shape (n_leaves, n_leaves)
    weights : ndarray, shape (n_leaves,)
    """
    owner = np.zeros(len(weights), dtype=np.int64)
    owner[leaves] = themes
    within: list[tuple[float, int, int]] = []
    heads = []
    for theme in range(int(owner.max()) + 1):
        mine = np.flatnonzero(owner == theme)
        heads.append(mine[0])
        found = average_linkage(similarity[np.ix_(mine, mine)], weights[mine])
        within += [(-value, int(mine[a]), int(mine[b])) for a, b, value in found]
    within.sort(key=lambda merge: merge[0])  # stable: a theme's own merges keep their order
    member = np.eye(len(heads))[owner] * weights[:, None]
    total = member.sum(axis=0)
    with threadpool_limits(1):  # the bits of a BLAS product depend on how many threads there are
        between = (member.T @ similarity @ member) / np.outer(total, total)
    across = [(int(heads[a]), int(heads[b])) for a, b, _ in average_linkage(between, total)]
    return ThemeTree(leaves, _pairs([*((a, b) for _, a, b in within), *across]))


def _pairs(merges: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(list(merges), dtype=np.int64).reshape(-1, 2)
