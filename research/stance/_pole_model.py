"""What scores a mention at the two poles of stance: a linear part, small neural networks, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from research._networks import NETWORK_SHAPES, Networks, mean_of, random_mix
from research._ridge import project

__all__ = ["ARRAYS", "PoleModel"]

Floats = NDArray[np.float64]

_LINEAR: dict[str, tuple[int | str, ...]] = {
    "weights": (2, "features"),
    "intercepts": (2,),
    "draw_weights": ("draws", 2, "features"),
    "draw_intercepts": ("draws", 2),
}
ARRAYS = {**_LINEAR, **NETWORK_SHAPES}


@dataclass(frozen=True)
class PoleModel:
    """Scores of favor and of against: of the linear part, plus the mean of what each network says.

    Attributes
    ----------
    weights : ndarray of float64, shape (2, n_features)
        Of favor and of against; zero where networks say it all.
    intercepts : ndarray of float64, shape (2,)
    draw_weights : ndarray of float64, shape (n_draws, 2, n_features)
        The linear part as other groups might have taught it, read under the scorer's own calibration; none where there
        is only the fit.
    draw_intercepts : ndarray of float64, shape (n_draws, 2)
    networks : Networks
        Of against, neutral and favor.
    """

    weights: Floats
    intercepts: Floats
    draw_weights: Floats
    draw_intercepts: Floats
    networks: Networks

    @classmethod
    def linear(cls, weights: Floats, intercepts: Floats, draw_weights: Floats, draw_intercepts: Floats) -> Self:
        """Give a linear part alone."""
        return cls(weights, intercepts, draw_weights, draw_intercepts, Networks.none(weights.shape[1]))

    @classmethod
    def from_networks(cls, networks: Networks) -> Self:
        """Give networks alone."""
        width = networks.inner.shape[2]
        return cls(np.zeros((2, width)), np.zeros(2), np.zeros((0, 2, width)), np.zeros((0, 2)), networks)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make it of what `to_arrays` gave."""
        linear = {name: np.ascontiguousarray(arrays[name], dtype=np.float64) for name in _LINEAR}
        return cls(**linear, networks=Networks.from_arrays(arrays))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give what `from_arrays` needs."""
        return {name: getattr(self, name) for name in _LINEAR} | self.networks.to_arrays()

    def plus(self, other: PoleModel) -> PoleModel:
        """Add the linear part of another model, whose draws belong to this model's draws of the same number."""
        start_weights, start_intercepts = self._linear_draws(len(other.draw_weights))
        return replace(
            self,
            weights=self.weights + other.weights,
            intercepts=self.intercepts + other.intercepts,
            draw_weights=start_weights + other.draw_weights,
            draw_intercepts=start_intercepts + other.draw_intercepts,
        )

    def first_draws(self, n: int) -> PoleModel:
        """Keep the first draws of the linear part alone."""
        return replace(self, draw_weights=self.draw_weights[:n], draw_intercepts=self.draw_intercepts[:n])

    def scores(self, X: Floats) -> Floats:
        """Give the scores of favor and of against, shape (n, 2).

        The bits of a row do not depend on how many rows there are.

        Examples
        --------
        >>> line = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.5, 0.0])
        >>> PoleModel.linear(*line, np.zeros((0, 2, 2)), np.zeros((0, 2))).scores(np.array([[1.0, 2.0]])).tolist()
        [[1.5, 2.0]]
        """
        scores, each = project(X, self.weights) + self.intercepts, self.of_networks(X)
        return scores + mean_of(each) if len(each) else scores

    def of_networks(self, X: Floats) -> Floats:
        """Give what each network takes for the probabilities of favor and of against, shape (n_networks, n, 2).

        Examples
        --------
        >>> outer = np.array([[[0.0], [0.0], [np.log(2.0)]]])
        >>> one = PoleModel.from_networks(Networks(np.ones((1, 1, 2)), np.zeros((1, 1)), outer, np.zeros((1, 3))))
        >>> one.of_networks(np.array([[1.0, 0.0], [-1.0, 0.0]])).round(3).tolist()
        [[[0.5, 0.25], [0.333, 0.333]]]
        """
        odds = self.networks.log_odds(X)
        grown = np.exp(odds - odds.max(axis=2, keepdims=True))
        total = grown[:, :, 0] + grown[:, :, 1] + grown[:, :, 2]
        return np.stack([grown[:, :, 2] / total, grown[:, :, 0] / total], axis=2)

    def scores_and_draws(self, X: Floats, n: int, random_state: int) -> tuple[Floats, Floats]:
        """Give the scores, shape (n_rows, 2), and those that other groups would have taught, shape (n_rows, 2, n).

        Of the linear part the draws are its own; of networks, each of which learned from other groups, normal ones
        with the covariance that these have among themselves.
        """
        scores, each = project(X, self.weights) + self.intercepts, self.of_networks(X)
        weights, intercepts = self._linear_draws(n if len(self.draw_weights) else 0)
        drawn = np.repeat(scores[:, :, None], n, axis=2)
        if len(weights):
            flat = project(X, weights.reshape(2 * n, -1)) + intercepts.ravel()
            # Each mention's draws lie in one contiguous row: their mean then has the same bits however many mentions.
            drawn = np.ascontiguousarray(flat.reshape(len(X), n, 2).transpose(0, 2, 1))
        if len(each):
            mean = mean_of(each)
            scores = scores + mean
            drawn += mean[:, :, None]
            for said, share in zip(each - mean, random_mix(n, len(each), random_state).T, strict=True):
                drawn += said[:, :, None] * share
        return scores, drawn

    def _linear_draws(self, n: int) -> tuple[Floats, Floats]:
        """Give n draws of the linear part; the fit stands in for those that are missing."""
        more = max(0, n - len(self.draw_weights))
        return (
            np.concatenate([self.draw_weights[:n], np.repeat(self.weights[None], more, axis=0)]),
            np.concatenate([self.draw_intercepts[:n], np.repeat(self.intercepts[None], more, axis=0)]),
        )
