"""How good a labelled axis is on documents left out of all its choices, with intervals over documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.framing._problem import Rule
from research.framing._reliability import bins_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Judged", "judge"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MEASURES = ("auroc", "macro_f1", "log_loss", "brier", "ece")
_N_BINS = 10
_BLOCK = 200


@dataclass(frozen=True)
class Judged:
    """What one way of answering said of texts that it was not fitted on.

    Attributes
    ----------
    log_odds : ndarray of float64, shape (n_texts, n_questions)
    probability : ndarray of float64, shape (n_texts, n_classes)
    predicted : ndarray of int64, shape (n_texts,)
        Places of classes.
    """

    log_odds: Floats
    probability: Floats
    predicted: Integers


def judge(
    judged: Mapping[Rule, Judged],
    codes: Integers,
    targets: Floats,
    fold: Integers,
    groups: Sequence[str],
    n_bootstrap: int,
    random_state: int,
) -> pl.DataFrame:
    """Give the table `LabelledAxis.nested_`; without rows where nothing was judged."""
    import polars as pl

    schema = {
        "model": pl.String,
        "measure": pl.String,
        "estimate": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "n_texts": pl.Int64,
        "n_documents": pl.Int64,
    }
    if not judged:
        return pl.DataFrame(schema=schema)
    names, document = np.unique(np.asarray(groups), return_inverse=True)
    generator = np.random.default_rng([random_state, 7])
    drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=n_bootstrap)
    # The first row of weights is the texts as they are.
    weights = np.vstack([np.ones(len(codes)), drawn[:, document].astype(np.float64)])
    values = {name: _measures(one, codes, targets, fold, weights) for name, one in judged.items()}
    found: dict[str, dict[str, Floats]] = {str(name): measures for name, measures in values.items()}
    found["gain"] = {m: values["axis and labels"][m] - values["axis alone"][m] for m in _MEASURES}
    rows = []
    for model, measures in found.items():
        for measure in _MEASURES:
            draws = measures[measure][1:]
            draws = draws[np.isfinite(draws)]
            estimate = float(measures[measure][0])
            known = np.isfinite(estimate)
            if measure == "ece" and len(draws):
                # Resampling adds noise to every bin, so a resample's error is above the sample's on average.
                draws = draws - draws.mean() + estimate
                draws = draws if model == "gain" else np.maximum(draws, 0.0)
            low, high = np.quantile(draws, [0.025, 0.975]) if len(draws) and known else (None, None)
            rows.append((model, measure, estimate if known else None, low, high, len(codes), len(names)))
    return pl.DataFrame(rows, schema=schema, orient="row")


def _measures(one: Judged, codes: Integers, targets: Floats, fold: Integers, weights: Floats) -> dict[str, Floats]:
    """Give each measure under each row of weights."""
    n_classes = one.probability.shape[1]
    total = np.maximum(weights.sum(axis=1), 1e-300)
    truth = np.eye(n_classes)[codes]
    own = np.clip(one.probability[np.arange(len(codes)), codes], 1e-15, 1.0)
    squared = (one.probability - truth) ** 2
    if n_classes == 2:
        sure, right = one.probability[:, 1], codes == 1
        error = squared[:, 1]
    else:
        sure, right = one.probability[np.arange(len(codes)), one.predicted], one.predicted == codes
        error = squared.sum(axis=1)
    place = np.eye(_N_BINS)[bins_of(sure, _N_BINS)]
    return {
        "auroc": np.mean(
            [_auroc(one.log_odds[:, k], targets[k] > 0, fold, weights) for k in range(len(targets))], axis=0
        ),
        "macro_f1": _macro_f1(codes, one.predicted, n_classes, weights),
        "log_loss": weights @ -np.log(own) / total,
        "brier": weights @ error / total,
        "ece": np.abs(weights @ (place * (sure - right)[:, None])).sum(axis=1) / total,
    }


def _auroc(score: Floats, truth: NDArray[np.bool_], fold: Integers, weights: Floats) -> Floats:
    """Give the share of pairs of the same fold in the right order, ties counting half."""
    right, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for number in np.unique(fold):
        positive, negative = (np.flatnonzero((fold == number) & side) for side in (truth, ~truth))
        gap = score[positive][:, None] - score[negative][None, :]
        order = (gap > 0) + 0.5 * (gap == 0)
        for first in range(0, len(weights), _BLOCK):
            rows = slice(first, first + _BLOCK)
            above, below = weights[rows][:, positive], weights[rows][:, negative]
            right[rows] += ((above @ order) * below).sum(axis=1)
            pairs[rows] += above.sum(axis=1) * below.sum(axis=1)
    return np.where(pairs > 0, right / np.maximum(pairs, 1e-300), np.nan)


def _macro_f1(codes: Integers, predicted: Integers, n_classes: int, weights: Floats) -> Floats:
    """Give the mean of F1 over classes that are there or predicted."""
    each = np.full((n_classes, len(weights)), np.nan)
    for k in range(n_classes):
        is_k, said_k = (codes == k).astype(np.float64), (predicted == k).astype(np.float64)
        either = weights @ (is_k + said_k)
        each[k] = np.where(either > 0, 2 * (weights @ (is_k * said_k)) / np.maximum(either, 1e-300), np.nan)
    counted = np.isfinite(each)
    mean: Floats = np.where(counted, each, 0.0).sum(axis=0) / np.maximum(counted.sum(axis=0), 1)
    return mean
