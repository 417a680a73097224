"""Let a study's hand labels move its stance scorer, and say what they did."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.inference import macro_f1
from research.stance import StanceScorer, Target, mention_features
from research.study._hand_labels import HandStance
from research.study._models import Paragraphs

__all__ = ["OwnStance", "teach_stance"]

_NAMES = ("against", "neutral", "favor")
_ENOUGH = 5  # of a stance; an F1 of fewer labels is noise


@dataclass(frozen=True)
class OwnStance:
    """What a study's own labels did to its stance scorer.

    Attributes
    ----------
    n_units : int
        Pairs of a paragraph and a target that are coded and mentioned.
    n_unheard : int
        Pairs that are coded, and in which no alias of the target stands in a voice that counts.
    n_coders : int
    alpha : float or None
    least : int
        How often a stance must be coded to count: 5 times, or once where fewer than two stances are.
    before : float
        Macro-F1 of the scorer as it was, over those stances.
    after : float or None
        That of the scorer as it is now, each paragraph scored without its document; None where one document alone is
        coded.
    moved : bool
    """

    n_units: int
    n_unheard: int
    n_coders: int
    alpha: float | None
    least: int
    before: float
    after: float | None
    moved: bool


def teach_stance(
    scorer: StanceScorer, labels: HandStance, paragraphs: Paragraphs, targets: tuple[Target, ...]
) -> tuple[StanceScorer, OwnStance]:
    """Give the scorer as a study's labels leave it, and what they did.

    Each mention of a target has the label of its paragraph, and a paragraph the mean shares of its mentions, as in
    `StanceScorer.assess`. Documents are left out whole (`StanceScorer.learn`).
    """
    values = labels.values()
    mentions = paragraphs.mentions
    assert mentions is not None  # there are targets, or no label could be of one
    number = {target.name: place for place, target in enumerate(targets)}
    ids = paragraphs.table.get_column("paragraph_id").to_list()
    place = {ids[row]: row for row in paragraphs.distinct.tolist()}
    documents = paragraphs.table.get_column("document_id").to_list()
    chosen: list[NDArray[np.int64]] = []
    units = []
    for unit, y in sorted(values.items()):
        row = place[unit[0]]
        found = np.flatnonzero((mentions.text == row) & (mentions.target == number[unit[1]]) & mentions.scored)
        if len(found):
            chosen.append(found)
            units.append((documents[row], y))
    n_unheard = len(values) - len(units)
    if not units:
        return scorer, OwnStance(0, n_unheard, len(labels.coders), labels.alpha, 1, float("nan"), None, False)
    owner = np.repeat(np.arange(len(units)), [len(each) for each in chosen])
    features = mention_features(paragraphs.embeddings, mentions, np.concatenate(chosen))
    truth = [_NAMES[int(np.trunc(y)) + 1] for _, y in units]
    least = _ENOUGH if sum(truth.count(name) >= _ENOUGH for name in _NAMES) > 1 else 1
    before = _agreement(truth, scorer.predict_shares(features), owner, least)
    groups = [units[row][0] for row in owner]
    taught = deepcopy(scorer).learn(features, [units[row][1] for row in owner], groups)
    after = _agreement(truth, taught.out_of_fold_, owner, least) if len(set(groups)) > 1 else None
    found_out = OwnStance(len(units), n_unheard, len(labels.coders), labels.alpha, least, before, after, taught.moved_)
    return taught if taught.moved_ else scorer, found_out


def _agreement(truth: list[str], shares: NDArray[np.float64], owner: NDArray[np.int64], least: int) -> float:
    """Give the macro-F1 of the labels that the mean shares of each unit's mentions have."""
    size = np.bincount(owner)
    means = np.stack([np.bincount(owner, weights=column) / size for column in shares.T], axis=1)
    guess = [_NAMES[label] for label in means.argmax(axis=1)]
    return macro_f1(truth, guess, least)[0]
