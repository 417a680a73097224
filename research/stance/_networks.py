"""Poles of stance as the mean of small neural networks, each taught by a resample of the groups.

A mention's words and their surroundings decide together whether it is for or against: a hidden layer can see that, a
ridge regression cannot. Resampling gives what ridge has in closed form: each network scores the groups it did not see
(Breiman 1996, out-of-bag estimation), and their spread says what other labels would have taught.

Chosen on this package's labels, each scored out of bag, and on NewsMTSC train without its labels (macro-F1 of 1,600
mentions in sentences / 1,216 in foreign affairs / 2,637 in written press; of NewsMTSC; opposed targets ranked right),
calibrated alike; the rows above the line scored by five folds:

=================================================  ==================  =====  ====
poles                                                                  none   opp.
=================================================  ==================  =====  ====
ridge                                              .555 / .520 / .690  .588   .76
three networks of 128 units, all cases each        .577 / .546 / .706  .594   .81
the same on 256 principal axes of the features     .57 / .52 / .68     .59    .78
-------------------------------------------------  ------------------  -----  ----
24 networks of 16 units                            .586 / .521 / .706  .577   .79
12 networks of 32 units, 8 epochs                  .570 / .518 / .708  .585   .80
the same, 12 epochs, features dropped by case      .577 / .529 / .709  .593   .81
the same, features dropped by batch (half the
time)                                              .570 / .542 / .709  .590   .81
the same, rectified for Gaussian error units       .568 / .535 / .710  .589   .83
the same, batches of 128, rate 5e-4 (in use)       .573 / .525 / .710  .593   .81
the same, poles as probabilities                   .574 / .530 / .708  .600   .76
=================================================  ==================  =====  ====

With a quarter and a half of the labels the networks are .514 / .487 / .664 and .560 / .499 / .694, ridge .522 / .478 /
.639 and .541 / .498 / .674: they need labels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from research._ridge import project
from research.stance._poles import Cases, balanced, memberships

__all__ = ["PoleNetworks", "train_networks"]

Floats = NDArray[np.float64]

_N_NETWORKS = 12
_N_HIDDEN = 32
_N_EPOCHS = 12
_BATCH = 128
_RATE, _DECAY, _WARM = 5e-4, 0.05, 0.1
_DROPPED = 0.5


@dataclass(frozen=True)
class PoleNetworks:
    """Networks of one hidden layer of rectified units, two outputs each.

    Attributes
    ----------
    inner : ndarray of float64, shape (n_networks, n_hidden, n_features)
        Rounded to half precision, which is how they are saved.
    inner_intercepts : ndarray of float64, shape (n_networks, n_hidden)
    outer : ndarray of float64, shape (n_networks, 2, n_hidden)
    outer_intercepts : ndarray of float64, shape (n_networks, 2)
    """

    inner: Floats
    inner_intercepts: Floats
    outer: Floats
    outer_intercepts: Floats

    @classmethod
    def none(cls, n_features: int) -> Self:
        """Give no networks at all."""
        return cls(np.zeros((0, 0, n_features)), np.zeros((0, 0)), np.zeros((0, 2, 0)), np.zeros((0, 2)))

    def __len__(self) -> int:
        return len(self.inner)

    def scores(self, X: Floats) -> Floats:
        """Give each network's scores of favor and of against, shape (n_networks, n, 2).

        The bits of a row do not depend on how many rows there are.

        Examples
        --------
        >>> one = PoleNetworks(np.ones((1, 1, 2)), np.zeros((1, 1)), np.array([[[2.0], [0.0]]]), np.zeros((1, 2)))
        >>> one.scores(np.array([[1.0, 2.0], [-3.0, 1.0]])).tolist()
        [[[6.0, 0.0], [0.0, 0.0]]]
        """
        n_networks, n_hidden, n_features = self.inner.shape
        if not n_networks:
            return np.zeros((0, len(X), 2))
        reached = project(X, self.inner.reshape(-1, n_features)) + self.inner_intercepts.ravel()
        hidden = np.maximum(reached, 0.0).reshape(len(X), n_networks, n_hidden)
        found = [project(hidden[:, k], self.outer[k]) + self.outer_intercepts[k] for k in range(n_networks)]
        return np.stack(found)


def train_networks(
    cases: Cases, random_state: int, progress: Callable[[str, int, int], None] | None = None
) -> tuple[PoleNetworks, Floats]:
    """Train networks on resampled groups; give them, and each case's scores by those that did not see its group.

    Each minimises the cross-entropy of the three stances (Adam with decoupled decay, Loshchilov & Hutter 2019; half of
    the features and of the hidden units dropped, Srivastava et al. 2014), every stance weighing the same. A pole is a
    stance's log-odds against neutral, on the line that fits its memberships best out of bag, so that 0 and 1 mean what
    they mean for the ridge regressions.

    Parameters
    ----------
    cases : Cases
        In an order that does not depend on how they were listed.
    random_state : int
    progress : callable, optional
        Called with a label, the steps done and all of them.

    Returns
    -------
    networks : PoleNetworks
    out_of_bag : ndarray of float64, shape (n, 2)
    """
    generator = np.random.default_rng([random_state, 13])
    counts = _bags(cases, generator)
    shift, scale = cases.X.mean(axis=0), np.maximum(cases.X.std(axis=0), 1e-4)
    shares = np.array([balanced(cases.y, cases.weights * count) for count in counts])
    inner, inner_intercepts, outer, outer_intercepts = _descend(
        (cases.X - shift) / scale, memberships(cases.y), shares, counts, generator, progress
    )
    inner = inner.transpose(0, 2, 1) / scale
    # Rounded before the intercepts make up for the shift, so that what is saved is what was measured.
    inner = inner.astype(np.float16).astype(np.float64)
    made = PoleNetworks(
        np.ascontiguousarray(inner),
        inner_intercepts[:, 0] - inner @ shift,
        np.stack([outer[:, :, 2] - outer[:, :, 1], outer[:, :, 0] - outer[:, :, 1]], axis=1),
        np.stack([outer_intercepts[:, 0, 2] - outer_intercepts[:, 0, 1],
                  outer_intercepts[:, 0, 0] - outer_intercepts[:, 0, 1]], axis=1),
    )  # fmt: skip
    unseen = counts == 0
    scores = np.einsum("kn,knp->np", unseen, made.scores(cases.X)) / unseen.sum(axis=0)[:, None]
    slope, start = _line(scores, cases)
    aligned = PoleNetworks(
        made.inner, made.inner_intercepts, made.outer * slope[:, None], made.outer_intercepts * slope + start
    )
    return aligned, scores * slope + start


def _bags(cases: Cases, generator: np.random.Generator) -> NDArray[np.int64]:
    """Give how often each network sees each case: groups drawn with return, each left out at least once."""
    names, number = np.unique(np.array(cases.groups), return_inverse=True)
    n = len(names)
    drawn = np.array([np.bincount(generator.integers(n, size=n), minlength=n) for _ in range(_N_NETWORKS)])
    always = np.flatnonzero((drawn > 0).all(axis=0))
    drawn[np.arange(len(always)) % _N_NETWORKS, always] = 0
    counts: NDArray[np.int64] = drawn[:, number]
    return counts


def _line(scores: Floats, cases: Cases) -> tuple[Floats, Floats]:
    """Give slope and intercept of the least-squares line from scores to memberships, for each pole."""
    weights = balanced(cases.y, cases.weights)
    targets = memberships(cases.y)[:, [2, 0]]
    mean, aim = weights @ scores, weights @ targets
    centred = scores - mean
    spread = np.maximum(weights @ centred**2, 1e-12)
    slope: Floats = (weights @ (centred * (targets - aim))) / spread
    return slope, aim - slope * mean


def _descend(
    X: Floats,
    member: Floats,
    shares: Floats,
    counts: NDArray[np.int64],
    generator: np.random.Generator,
    progress: Callable[[str, int, int], None] | None,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Train all networks side by side; give the weights and intercepts of both layers."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the bits of a product depend on how many there are
    try:
        return _descend_in_torch(X, member, shares, counts, generator, progress)
    finally:
        torch.set_num_threads(before)


def _descend_in_torch(
    X: Floats,
    member: Floats,
    shares: Floats,
    counts: NDArray[np.int64],
    generator: np.random.Generator,
    progress: Callable[[str, int, int], None] | None,
) -> tuple[Floats, Floats, Floats, Floats]:
    import torch

    def tensor(array: Any) -> Any:
        return torch.from_numpy(np.asarray(array, dtype=np.float32))

    (n, width), networks = X.shape, len(counts)
    inside, wanted, weight = tensor(X), tensor(member), tensor(shares * n)
    layers = [
        tensor(generator.uniform(-1, 1, (networks, width, _N_HIDDEN)) / np.sqrt(width)),
        tensor(np.zeros((networks, 1, _N_HIDDEN))),
        tensor(generator.uniform(-1, 1, (networks, _N_HIDDEN, 3)) / np.sqrt(_N_HIDDEN)),
        tensor(np.zeros((networks, 1, 3))),
    ]
    for layer in layers:
        layer.requires_grad_(True)
    optimizer = torch.optim.AdamW(layers, lr=_RATE, weight_decay=_DECAY)
    steps, done, number = _N_EPOCHS * -(-n // _BATCH), 0, np.arange(networks)[:, None]

    def kept(*shape: int) -> Any:
        return tensor((generator.random(shape, dtype=np.float32) >= _DROPPED) / (1 - _DROPPED))

    for _ in range(_N_EPOCHS):
        order = np.stack([_shuffled(count, n, generator) for count in counts])
        for first in range(0, n, _BATCH):
            rows = order[:, first : first + _BATCH]
            rate = min(1.0, (done + 1) / (_WARM * steps)) * (1 - done / steps)
            for group in optimizer.param_groups:
                group["lr"] = _RATE * rate
            # The same features are dropped for a whole batch: the mask falls on the weights, which are fewer.
            reached = torch.baddbmm(layers[1], inside[rows], layers[0] * kept(networks, width, 1))
            hidden = torch.relu(reached) * kept(networks, rows.shape[1], _N_HIDDEN)
            odds = torch.baddbmm(layers[3], hidden, layers[2])
            share = weight[number, rows]
            entropy = -(wanted[rows] * torch.log_softmax(odds, dim=-1)).sum(dim=2)
            loss = ((share * entropy).sum(dim=1) / share.sum(dim=1).clamp_min(1e-9)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1
            if progress is not None:
                progress("networks", done, steps)
    first_layer, first_constant, second, constant = (layer.detach().numpy().astype(np.float64) for layer in layers)
    return first_layer, first_constant, second, constant


def _shuffled(count: NDArray[np.int64], n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Give n rows of a bag in random order, going round it again where it holds fewer."""
    rows = generator.permutation(np.repeat(np.arange(len(count)), count))
    return np.resize(rows, n)
