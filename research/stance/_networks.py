"""Poles of stance as small neural networks, each taught by a resample of the groups.

A mention's words and their surroundings decide together whether it is for or against, and what counts for favor in a
communiqué is plain in a report: hidden units can see that, a ridge regression cannot, once there are labels enough
(docs/stance.md has both side by side). Resampling gives what ridge has in closed form: each network scores the groups
that it did not see (Breiman 1996, Out-of-bag estimation), and their spread says what other groups, and other random
starts, would have taught one of them. Their mean varies less, so draws with that spread err on the wide side; they are
as rough as a covariance of a few networks is, and how often they hold the truth was not measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.stance._pole_model import PoleModel
from research.stance._poles import Cases, balanced, memberships

__all__ = ["train_networks"]

Floats = NDArray[np.float64]

_N_HIDDEN = 64
_N_EPOCHS = 12
_BATCH = 128
_RATE, _DECAY, _WARM = 5e-4, 0.05, 0.1
_DROPPED = 0.5


def train_networks(
    cases: Cases, n_networks: int, random_state: int, progress: Callable[[str, int, int], None] | None = None
) -> tuple[PoleModel, Floats]:
    """Train networks on resampled groups; give them, and each case's scores by those that did not see its group.

    A case is scored by the mean of the few that did not see it (of eight networks about three), which is noisier than
    the mean of all: shares that are calibrated on it are somewhat less sure than they could be.

    Each minimises the cross-entropy of the three stances over cases drawn by their weights, every stance as often (Adam
    with decoupled decay, Loshchilov & Hutter 2019; half of the features and of the hidden units dropped, Srivastava et
    al. 2014). Its poles are the probabilities of favor and of against.

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
    counts = _bags(cases, n_networks, generator)
    shift, scale = cases.X.mean(axis=0), np.maximum(cases.X.std(axis=0), 1e-4)
    shares = np.array([balanced(cases.y, cases.weights * count) for count in counts])
    epoch = int((cases.judges > 0).sum()) or len(cases)
    steps = _N_EPOCHS * -(-epoch // _BATCH)
    scaled = ((cases.X - shift) / scale).astype(np.float32)
    first, constant, second, last = _descend(scaled, memberships(cases.y), shares, steps, generator, progress)
    # Rounded before the intercepts make up for the shift, so that what is saved is what was measured.
    inner = (first.transpose(0, 2, 1) / scale).astype(np.float16).astype(np.float64)
    model = PoleModel.networks(
        np.ascontiguousarray(inner),
        constant[:, 0] - inner @ shift,
        np.ascontiguousarray(second.transpose(0, 2, 1)),
        last[:, 0],
    )
    unseen = counts == 0
    scores = np.einsum("kn,knp->np", unseen, model.of_networks(cases.X)) / unseen.sum(axis=0)[:, None]
    return model, scores


def _bags(cases: Cases, n_networks: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Give how often each network sees each case: groups drawn with return, each left out at least once."""
    names, number = np.unique(np.array(cases.groups), return_inverse=True)
    n = len(names)
    drawn = np.array([np.bincount(generator.integers(n, size=n), minlength=n) for _ in range(n_networks)])
    always = np.flatnonzero((drawn > 0).all(axis=0))
    drawn[np.arange(len(always)) % n_networks, always] = 0
    counts: NDArray[np.int64] = drawn[:, number]
    return counts


def _descend(
    X: NDArray[np.float32],
    member: Floats,
    shares: Floats,
    steps: int,
    generator: np.random.Generator,
    progress: Callable[[str, int, int], None] | None,
) -> list[Floats]:
    """Train all networks side by side; give weights and intercepts of both layers, inputs before outputs."""
    import torch
    from torch.nn.functional import dropout, log_softmax

    def tensor(array: Any) -> Any:
        return torch.from_numpy(np.asarray(array, dtype=np.float32))

    (n, width), networks = X.shape, len(shares)
    inside, wanted = tensor(X), tensor(member)
    reach = np.cumsum(shares, axis=1)
    reach /= reach[:, -1:]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the bits of a product depend on how many there are
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(generator.integers(2**31)))
            layers = [
                tensor(generator.uniform(-1, 1, (networks, width, _N_HIDDEN)) / np.sqrt(width)),
                tensor(np.zeros((networks, 1, _N_HIDDEN))),
                tensor(generator.uniform(-1, 1, (networks, _N_HIDDEN, 3)) / np.sqrt(_N_HIDDEN)),
                tensor(np.zeros((networks, 1, 3))),
            ]
            for layer in layers:
                layer.requires_grad_(True)
            optimizer = torch.optim.AdamW(layers, lr=_RATE, weight_decay=_DECAY)
            for step in range(steps):
                for group in optimizer.param_groups:
                    group["lr"] = _RATE * min(1.0, (step + 1) / (_WARM * steps)) * (1 - step / steps)
                rows = np.stack([np.searchsorted(row, generator.random(_BATCH), side="right") for row in reach])
                rows = np.minimum(rows, n - 1)
                reached = torch.baddbmm(layers[1], dropout(inside[rows], _DROPPED), layers[0])
                odds = torch.baddbmm(layers[3], dropout(torch.relu(reached), _DROPPED), layers[2])
                loss = -(wanted[rows] * log_softmax(odds, dim=-1)).sum() / _BATCH
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if progress is not None:
                    progress("networks", step + 1, steps)
    finally:
        torch.set_num_threads(threads)
    return [layer.detach().numpy().astype(np.float64) for layer in layers]
