"""Poles of stance as small neural networks, each taught by a resample of the groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from research._networks import Training, resampled_counts, train, unseen_mean
from research.stance._pole_model import PoleModel
from research.stance._poles import Cases, balanced, memberships

__all__ = ["train_networks"]

Floats = NDArray[np.float64]

# docs/stance.md has what other choices give.
_TRAINING = Training(rate=5e-4, dropped=0.5)


def train_networks(
    cases: Cases, n_networks: int, random_state: int, progress: Callable[[str, int, int], None] | None = None
) -> tuple[PoleModel, Floats]:
    """Train networks on resampled groups; give them, and each case's scores by those that did not see its group.

    Each draws cases by their weights, every stance as often (`research._networks`); its poles are the probabilities of
    favor and of against. Shares that are calibrated on scores out of bag are somewhat less sure than they could be.

    Parameters
    ----------
    cases : Cases
        In an order that does not depend on how they were listed.
    n_networks : int
    random_state : int
    progress : callable, optional
        Called with a label, the steps done and all of them.

    Returns
    -------
    model : PoleModel
    out_of_bag : ndarray of float64, shape (n, 2)
    """
    generator = np.random.default_rng([random_state, 13])
    counts = resampled_counts(cases.groups, n_networks, generator)
    shares = np.array([balanced(cases.y, cases.weights * count) for count in counts])
    epoch = int((cases.judges > 0).sum()) or len(cases)
    networks = train(cases.X, memberships(cases.y), shares, _TRAINING, epoch, generator, progress)
    model = PoleModel.from_networks(networks)
    return model, unseen_mean(model.of_networks(cases.X), counts)
