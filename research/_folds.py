"""The order of anchors, and their folds: nothing may depend on how they were listed, and no subject is split."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["canonical_order", "group_folds"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_N_FOLDS = 10


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
