"""The order of anchors, and their folds: nothing may depend on how they were listed, and no subject is split."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from research.errors import InputError

__all__ = ["canonical_order", "group_folds", "group_halves", "group_names", "read_names"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_N_FOLDS = 10
_HALVINGS = 200


def canonical_order(X: Floats, y: Floats, groups: Sequence[str]) -> Integers:
    """Give the order of the rows by group, label and content, so that nothing depends on how they were listed.

    Parameters
    ----------
    X : ndarray of float64, shape (n_anchors, n_features)
    y : ndarray of float64, shape (n_anchors,)
    groups : sequence of str, length n_anchors

    Returns
    -------
    ndarray of int64, shape (n_anchors,)
    """
    keys = [(groups[row], float(y[row]), hashlib.sha256(X[row].tobytes()).digest()) for row in range(len(y))]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def group_folds(groups: Sequence[str], random_state: int = 0, n_folds: int = _N_FOLDS) -> Integers:
    """Give each row the fold of its group: groups are never split, and folds differ by one group at most.

    Parameters
    ----------
    groups : sequence of str, length n_rows
    random_state : int
    n_folds : int
        At most this many; fewer where there are fewer groups.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
    """
    names = sorted(set(groups))
    places = np.random.default_rng(random_state).permutation(len(names)) % min(n_folds, len(names))
    fold = dict(zip(names, places, strict=True))
    return np.array([fold[name] for name in groups], dtype=np.int64)


def group_halves(
    owners: Integers, needed: Sequence[NDArray[np.bool_]], generator: np.random.Generator
) -> tuple[Integers, Integers] | None:
    """Halve the groups at random and give the rows of either half.

    Parameters
    ----------
    owners : ndarray of int64, shape (n_owners, n_rows)
        The number of each row's group or groups, from 0 on without a gap; a row of two is in neither half unless both
        are in one.
    needed : sequence of ndarray of bool, shape (n_rows,)
        Either half has a row of each of these.
    generator : numpy.random.Generator

    Returns
    -------
    tuple of two arrays of int64, or None
        None where 200 halvings found none, as where all rows that are needed are of one group.

    Examples
    --------
    >>> one, other = group_halves(np.array([[0, 0, 1, 1]]), [np.array([True, False] * 2)], np.random.default_rng(0))
    >>> sorted([one.tolist(), other.tolist()])
    [[0, 1], [2, 3]]
    """
    n_groups = int(owners.max()) + 1
    for _ in range(_HALVINGS):
        chosen = np.zeros(n_groups, dtype=bool)
        chosen[generator.permutation(n_groups)[: n_groups // 2]] = True
        one, other = (np.flatnonzero((chosen[owners] == side).all(axis=0)) for side in (True, False))
        if all(rows[one].any() and rows[other].any() for rows in needed):
            return one, other
    return None


def read_names(groups: ArrayLike, what: str) -> list[str]:
    """Give the names of groups as texts.

    Raises
    ------
    InputError
        If one is missing, since all such would count as one group; `what` is what the groups are.
    """
    names = np.asarray(groups, dtype=object).ravel().tolist()
    for row, name in enumerate(names):
        if name is None or name == "" or (isinstance(name, float) and np.isnan(name)):
            raise InputError(f"the {what} of row {row} (from 0) is missing ({name!r}); name it, or leave that row out")
    return [str(name) for name in names]


def group_names(X: Floats, y: Floats, groups: ArrayLike | None, what: str) -> list[str]:
    """Give each row's group; without groups its rank by content, so that folds do not follow the order of rows.

    Raises
    ------
    InputError
        If there are more groups than labels or fewer; `what` is what a label is of.
    """
    if groups is None:
        order = canonical_order(X, y, [""] * len(y))
        return [f"{rank:09d}" for rank in np.argsort(order)]
    names = read_names(groups, "group")
    if len(names) != len(y):
        raise InputError(f"there are {len(names)} groups and {len(y)} labels; give one group a {what}")
    return names
