"""Let a study's hand labels move its stance scorer, and say what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.inference import macro_f1
from research.stance import StanceScorer, Target, mention_features
from research.study._models import Paragraphs

__all__ = ["OwnStance", "teach_stance"]

_NAMES = ("neutral", "against", "favor")  # of equal shares neutral is the first
_COLUMNS = [1, 0, 2]
_ENOUGH = 5  # of a stance; an F1 of fewer labels is noise


@dataclass(frozen=True)
class OwnStance:
    """What a study's own labels did to its stance scorer.

    A pair of a paragraph and a target is coded as the stance that is nearest to the mean of its coders, neutral where
    two are as near; what coders called absent is left out.

    Attributes
    ----------
    n_units : int
        Pairs that are coded.
    n_unheard, n_in_others_words : int
        Of these, pairs in which no alias of the target is found, and in which all stand in words that do not count.
    n_coders : int
    alpha : float or None
    n_classes : int
        Stances that were coded five times or more: those that count in what follows.
    before : float
        Macro-F1 of the scorer as it was, over those stances; NaN where there is none.
    after : float or None
        That of the scorer as it is now, each paragraph scored without its document; None where one document alone is
        coded. How far the labels may move the scorer was chosen by the same documents.
    most_frequent : float
        That of always answering the most frequent stance.
    moved : bool
    """

    n_units: int
    n_unheard: int
    n_in_others_words: int
    n_coders: int
    alpha: float | None
    n_classes: int
    before: float
    after: float | None
    most_frequent: float
    moved: bool


def teach_stance(
    scorer: StanceScorer,
    values: Mapping[tuple[str, str], float],
    paragraphs: Paragraphs,
    targets: tuple[Target, ...],
    n_coders: int,
    alpha: float | None = None,
) -> tuple[StanceScorer, OwnStance]:
    """Give the scorer as labels of pairs of a paragraph and a target, in [-1, 1], leave it, and what they did.

    Each mention of a target has the label of its paragraph, and all of them weigh one label together. A paragraph has
    the mean shares of its mentions, as in `StanceScorer.assess`. Documents are left out whole, also where the scorer
    is the study's own anchors alone (`StanceScorer.learn`, of a scorer that was loaded).
    """
    mentions = paragraphs.mentions
    assert mentions is not None  # there are targets, or no label could be of one
    number = {target.name: place for place, target in enumerate(targets)}
    ids = paragraphs.table.get_column("paragraph_id").to_list()
    place = {ids[row]: row for row in paragraphs.distinct.tolist()}
    documents = paragraphs.table.get_column("document_id").to_list()
    units = [(place[name], number[target], y) for (name, target), y in sorted(values.items())]
    chosen = [
        np.flatnonzero((mentions.text == row) & (mentions.target == target) & mentions.scored)
        for row, target, _ in units
    ]
    present = mentions.present
    truth = ["neutral" if abs(y) <= 0.5 else "favor" if y > 0 else "against" for _, _, y in units]
    unread = ["neutral" if present[row, target] else "absent" for row, target, _ in units]
    least = {name for name in _NAMES if truth.count(name) >= _ENOUGH}
    most = max(_NAMES, key=truth.count)

    def facts(before: float, after: float | None, moved: bool) -> OwnStance:
        return OwnStance(
            n_units=len(units),
            n_unheard=unread.count("absent"),
            n_in_others_words=sum(
                not len(rows) and word == "neutral" for rows, word in zip(chosen, unread, strict=True)
            ),
            n_coders=n_coders,
            alpha=alpha,
            n_classes=len(least),
            before=before,
            after=after,
            most_frequent=macro_f1(truth, [most] * len(truth), _ENOUGH)[0],
            moved=moved,
        )

    heard = [unit for unit, rows in enumerate(chosen) if len(rows)]
    if not heard:
        return scorer, facts(macro_f1(truth, unread, _ENOUGH)[0], None, False)
    sizes = [len(chosen[unit]) for unit in heard]
    owner = np.repeat(heard, sizes)
    weights = np.repeat(1.0 / np.array(sizes), sizes)
    features = mention_features(paragraphs.embeddings, mentions, np.concatenate(chosen))
    groups = [documents[units[unit][0]] for unit in owner]
    # Made again without its cases, it is moved only as far as documents left out bear out.
    taught = StanceScorer.from_state(*scorer.to_state())
    taught.learn(features, [units[unit][2] for unit in owner], groups, sample_weight=weights, judge_weight=weights)

    def agreement(shares: NDArray[np.float64]) -> float:
        guess = list(unread)
        for unit in heard:
            guess[unit] = _NAMES[int(shares[owner == unit][:, _COLUMNS].mean(axis=0).argmax())]
        return macro_f1(truth, guess, _ENOUGH)[0]

    after = agreement(taught.out_of_fold_) if len(set(groups)) > 1 else None
    return taught if taught.moved_ else scorer, facts(agreement(scorer.predict_shares(features)), after, taught.moved_)
