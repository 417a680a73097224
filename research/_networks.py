"""Small neural networks of three classes, each taught by a resample of the groups.

Shared by `research.stance` and `research._label_shift`: with labels enough, hidden units see what a line cannot, such
as that one word praises in a communiqué and is plain in a report (docs/stance.md and docs/framing_axis.md have both
side by side). Resampling gives what ridge has in closed form: each network scores the groups that it did not see
(Breiman 1996, Out-of-bag estimation), and their spread says what other groups, and other random starts, would have
taught one of them. Their mean varies less, so draws with that spread err on the wide side; they are as rough as a
covariance of a few networks is. `experiments.interval_benchmark` and `experiments.stance_intervals` measure how often
they hold what other anchors and labels would have taught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from research._ridge import without

__all__ = [
    "NETWORK_SHAPES",
    "Networks",
    "Training",
    "mean_of",
    "pole_scores_of",
    "random_mix",
    "resampled_counts",
    "train",
    "unseen_mean",
]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

NETWORK_SHAPES: dict[str, tuple[int | str, ...]] = {
    "inner": ("networks", "hidden", "features"),
    "inner_intercepts": ("networks", "hidden"),
    "outer": ("networks", 3, "hidden"),
    "outer_intercepts": ("networks", 3),
}
_TOGETHER, _ROWS = 64, 4096  # rows of one product, and rows scored before the next are


@dataclass(frozen=True)
class Training:
    """How networks are trained.

    Attributes
    ----------
    rate : float
        The largest step, reached after `warm`; it then falls to 0.
    dropped : float
        Share of the features and of the hidden units left out at each step.
    decay : float
        Of the weights at each step, times the rate.
    warm : float
        Share of the steps in which the rate grows.
    n_hidden, n_epochs, batch : int
    """

    rate: float
    dropped: float
    decay: float = 0.05
    warm: float = 0.1
    n_hidden: int = 64
    n_epochs: int = 12
    batch: int = 128


@dataclass(frozen=True)
class Networks:
    """Networks of one layer of rectified units and three outcomes, in single precision inside.

    Attributes
    ----------
    inner : ndarray of float64, shape (n_networks, n_hidden, n_features)
        Rounded to half precision, as it is saved; `inner_intercepts`, shape (n_networks, n_hidden).
    outer : ndarray of float64, shape (n_networks, 3, n_hidden)
        From the hidden units to the log-odds of the outcomes; `outer_intercepts`, shape (n_networks, 3).

    Examples
    --------
    >>> one = Networks(np.ones((1, 1, 2)), np.zeros((1, 1)), np.array([[[0.0], [0.0], [2.0]]]), np.zeros((1, 3)))
    >>> one.log_odds(np.array([[1.0, 0.5], [-1.0, 0.0]])).tolist()
    [[[0.0, 0.0, 3.0], [0.0, 0.0, 0.0]]]
    """

    inner: Floats
    inner_intercepts: Floats
    outer: Floats
    outer_intercepts: Floats

    @classmethod
    def none(cls, width: int) -> Self:
        """Give no network, of features of that width."""
        return cls(np.zeros((0, 1, width)), np.zeros((0, 1)), np.zeros((0, 3, 1)), np.zeros((0, 3)))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make them of what `to_arrays` gave."""
        return cls(*(np.ascontiguousarray(arrays[name], dtype=np.float64) for name in NETWORK_SHAPES))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give what `from_arrays` needs, the inner weights in half precision."""
        return {"inner": self.inner.astype(np.float16)} | {
            name: getattr(self, name) for name in NETWORK_SHAPES if name != "inner"
        }

    def __len__(self) -> int:
        return len(self.inner)

    def log_odds(self, X: Floats) -> Floats:
        """Give the log-odds of the three outcomes, up to a constant, shape (n_networks, n, 3).

        The bits of a row do not depend on how many rows there are.
        """
        found = np.empty((len(self), len(X), 3))
        if not len(self):
            return found
        outer = np.ascontiguousarray(self.outer.transpose(0, 2, 1), dtype=np.float32)
        for first, reached in self._reached(X):
            hidden = np.maximum(reached, 0).transpose(1, 0, 2)
            n = min(_TOGETHER, len(X) - first)
            found[:, first : first + n] = (hidden @ outer)[:, :n]
        return found + self.outer_intercepts[:, None]

    def pole_scores(self, X: Floats) -> Floats:
        """Give how far each row is of the third and of the first outcome, shape (n, 2); 0 without networks.

        Each is the log-odds of that outcome against the two others, of the networks' mean log-odds.
        """
        found = np.zeros((len(X), 2))
        for rows in self._blocks(X):
            found[rows] = pole_scores_of(mean_of(self.log_odds(X[rows])))
        return found

    def pole_draws(self, X: Floats, n: int, random_state: int) -> Floats:
        """Give n draws of `pole_scores`, with the covariance that networks have among themselves, shape (n_rows, n, 2).

        Draw b of every row comes from the same mix of networks, and does not depend on how many draws there are.
        """
        found, mix = np.zeros((len(X), n, 2)), random_mix(n, len(self), random_state)
        for rows in self._blocks(X):
            each = self.log_odds(X[rows])
            mean = mean_of(each)
            drawn = np.repeat(mean[:, None], n, axis=1)
            for said, share in zip(each - mean, mix.T, strict=True):
                drawn += said[:, None] * share[:, None]
            found[rows] = pole_scores_of(drawn)
        return found

    def pole_slopes(self, X: Floats) -> Floats:
        """Give how `pole_scores` change with the features, shape (n, 2, n_features)."""
        if not len(self) or not len(X):
            return np.zeros((len(X), 2, self.inner.shape[2]))
        active = np.concatenate([reached > 0 for _, reached in self._reached(X)])[: len(X)]
        slopes = np.einsum("nkh,kch,khd->ncd", active, self.outer, self.inner, optimize=True) / len(self)
        odds = mean_of(self.log_odds(X))
        found = []
        for own, others in ((2, [0, 1]), (0, [1, 2])):
            among = np.exp(odds[:, others] - np.logaddexp(odds[:, others[0]], odds[:, others[1]])[:, None])
            found.append(slopes[:, own] - np.einsum("nc,ncd->nd", among, slopes[:, others]))
        return np.stack(found, axis=1)

    def without(self, directions: Floats) -> Self:
        """Give networks that do not see orthonormal directions, shape (n_directions, n_features)."""
        return replace(self, inner=_half(without(directions, self.inner)))

    def _blocks(self, X: Floats) -> list[slice]:
        """Give blocks of rows, so that a million texts do not fill the memory with what each network says of each."""
        return [slice(first, first + _ROWS) for first in range(0, len(X) if len(self) else 0, _ROWS)]

    def _reached(self, X: Floats) -> Iterator[tuple[int, Singles]]:
        """Give each block's first row and what arrives at the hidden units, shape (_TOGETHER, n_networks, n_hidden).

        Single precision, as the encoder's states come. The bits of a BLAS product depend on how many rows there are and
        how many threads, so each block has as many rows, and there is one thread until the last block is done with;
        without BLAS it takes ten times as long.
        """
        from threadpoolctl import threadpool_limits

        n_networks, n_hidden, n_features = self.inner.shape
        inner = np.ascontiguousarray(self.inner.reshape(-1, n_features).T, dtype=np.float32)
        constants, block = (
            self.inner_intercepts.ravel().astype(np.float32),
            np.zeros((_TOGETHER, n_features), np.float32),
        )
        with threadpool_limits(1):
            for first in range(0, len(X), _TOGETHER):
                rows = X[first : first + _TOGETHER]
                block[: len(rows)] = rows
                yield first, (block @ inner + constants).reshape(_TOGETHER, n_networks, n_hidden)


def pole_scores_of(odds: Floats) -> Floats:
    """Give the log-odds of the third and of the first outcome against the two others, shape (..., 2)."""
    low, plain, high = odds[..., 0], odds[..., 1], odds[..., 2]
    return np.stack([high - np.logaddexp(low, plain), low - np.logaddexp(plain, high)], axis=-1)


def mean_of(each: Floats) -> Floats:
    """Give the mean over networks, added one by one: NumPy's own goes another way where there are few rows."""
    mean: Floats = sum(each[1:], each[0]) / len(each)
    return mean


def random_mix(n: int, n_networks: int, random_state: int) -> Floats:
    """Give weights for n draws with the covariance that networks have among themselves, shape (n, n_networks)."""
    mixed = np.random.default_rng([random_state, 11]).standard_normal((n, n_networks))
    mixed /= np.sqrt(max(n_networks - 1, 1))
    return mixed


def resampled_counts(groups: Sequence[str], n_networks: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Give how often each network sees each case: groups drawn with return, each left out at least once.

    No network is left without a group, so that of one or two groups one may be seen by all; use this with more.

    Returns
    -------
    ndarray of int64, shape (n_networks, n_cases)
    """
    names, number = np.unique(np.array(groups), return_inverse=True)
    n = len(names)
    drawn = np.array([np.bincount(generator.integers(n, size=n), minlength=n) for _ in range(n_networks)])
    always = np.flatnonzero((drawn > 0).all(axis=0))
    for place, group in enumerate(always):
        # In turn, but only by a network that keeps another group.
        for network in np.roll(np.arange(n_networks), -place):
            if (drawn[network] > 0).sum() > 1:
                drawn[network, group] = 0
                break
    counts: NDArray[np.int64] = drawn[:, number]
    return counts


def unseen_mean(each: Floats, counts: NDArray[np.int64]) -> Floats:
    """Give the mean of what those networks say of a case that did not see it, shape (n, n_columns).

    Of eight networks these are about three, so it is noisier than the mean of all.

    Parameters
    ----------
    each : ndarray of float64, shape (n_networks, n, n_columns)
    counts : ndarray of int64, shape (n_networks, n)
        As `resampled_counts` gives them.
    """
    unseen = counts == 0
    found: Floats = np.einsum("kn,knp->np", unseen, each) / unseen.sum(axis=0)[:, None]
    return found


def train(
    X: Floats,
    member: Floats,
    shares: Floats,
    settings: Training,
    epoch: int,
    generator: np.random.Generator,
    progress: Callable[[str, int, int], None] | None = None,
    lines: tuple[Floats, Floats] | None = None,
) -> Networks:
    """Train networks side by side, each on cases drawn by its own shares.

    Each minimises the cross-entropy of the three outcomes (Adam with decoupled decay, Loshchilov & Hutter 2019; a part
    of the features and of the hidden units dropped, Srivastava et al. 2014).

    Parameters
    ----------
    X : ndarray of float64, shape (n, n_features)
        In an order that does not depend on how the cases were listed.
    member : ndarray of float64, shape (n, 3)
        How far each case is of each outcome; rows sum to 1.
    shares : ndarray of float64, shape (n_networks, n)
        How often each network draws each case, in relation to the others.
    settings : Training
    epoch : int
        Cases that make an epoch.
    generator : numpy.random.Generator
    progress : callable, optional
        Called with a label, the steps done and all of them.
    lines : (array of shape (n_networks, n_lines, n_features), array of shape (n_lines, 3)), optional
        Known beforehand: scores, each network's own, and what each adds to the log-odds of the outcomes before anything
        is learned. Each becomes two more hidden units, one for either sign.
    """
    shift, scale = X.mean(axis=0), np.maximum(X.std(axis=0), 1e-4)
    scaled = ((X - shift) / scale).astype(np.float32)
    known = np.zeros((len(shares), len(X), 3))
    if lines is not None:
        known = X @ lines[0].transpose(0, 2, 1) @ lines[1]
    first, constant, second, last = _descend(scaled, member, shares, settings, epoch, generator, progress, known)
    # Rounded before the intercepts make up for the shift, so that what is saved is what was measured.
    inner = _half(first.transpose(0, 2, 1) / scale)
    found = Networks(
        np.ascontiguousarray(inner),
        constant[:, 0] - inner @ shift,
        np.ascontiguousarray(second.transpose(0, 2, 1)),
        last[:, 0],
    )
    return found if lines is None else _joined(found, *lines)


def _joined(networks: Networks, weights: Floats, gains: Floats) -> Networks:
    """Give each network what it was to start from: a line as max(x, 0) - max(-x, 0)."""
    signs = np.tile([1.0, -1.0], len(gains))[:, None]
    rows, columns = _half(signs * np.repeat(weights, 2, axis=1)), (signs * np.repeat(gains, 2, axis=0)).T
    return replace(
        networks,
        inner=np.concatenate([networks.inner, rows], axis=1),
        inner_intercepts=np.concatenate([networks.inner_intercepts, np.zeros(rows.shape[:2])], axis=1),
        outer=np.concatenate([networks.outer, np.repeat(columns[None], len(networks), axis=0)], axis=2),
    )


def _half(inner: Floats) -> Floats:
    """Round to what half precision holds."""
    rounded: Floats = inner.astype(np.float16).astype(np.float64)
    return rounded


def _descend(
    X: NDArray[np.float32],
    member: Floats,
    shares: Floats,
    settings: Training,
    epoch: int,
    generator: np.random.Generator,
    progress: Callable[[str, int, int], None] | None,
    known: Floats,
) -> list[Floats]:
    """Train all networks side by side; give weights and intercepts of both layers, inputs before outputs."""
    import torch
    from torch.nn.functional import dropout, log_softmax

    def tensor(array: Any) -> Any:
        return torch.from_numpy(np.asarray(array, dtype=np.float32))

    (n, width), networks, hidden, batch = X.shape, len(shares), settings.n_hidden, settings.batch
    steps = settings.n_epochs * -(-epoch // batch)
    rate, warm, dropped = settings.rate, settings.warm * steps, settings.dropped
    inside, wanted, before = tensor(X), tensor(member), tensor(known)
    reach = np.cumsum(shares, axis=1)
    reach /= reach[:, -1:]
    every = np.arange(networks)[:, None]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the bits of a product depend on how many there are
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(generator.integers(2**31)))
            layers = [
                tensor(generator.uniform(-1, 1, (networks, width, hidden)) / np.sqrt(width)),
                tensor(np.zeros((networks, 1, hidden))),
                tensor(generator.uniform(-1, 1, (networks, hidden, 3)) / np.sqrt(hidden)),
                tensor(np.zeros((networks, 1, 3))),
            ]
            for layer in layers:
                layer.requires_grad_(True)
            optimizer = torch.optim.AdamW(layers, lr=rate, weight_decay=settings.decay)
            for step in range(steps):
                for group in optimizer.param_groups:
                    group["lr"] = rate * min(1.0, (step + 1) / warm) * (1 - step / steps)
                rows = np.stack([np.searchsorted(row, generator.random(batch), side="right") for row in reach])
                rows = np.minimum(rows, n - 1)
                reached = torch.baddbmm(layers[1], dropout(inside[rows], dropped), layers[0])
                odds = torch.baddbmm(layers[3], dropout(torch.relu(reached), dropped), layers[2])
                loss = -(wanted[rows] * log_softmax(odds + before[every, rows], dim=-1)).sum() / batch
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if progress is not None:
                    progress("networks", step + 1, steps)
    finally:
        torch.set_num_threads(threads)
    return [layer.detach().numpy().astype(np.float64) for layer in layers]
