"""The ways to read and to score a mention that `stance_benchmark` compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments._other_names import Lesson
from experiments._stance_corpora import LabelledMentions
from research._scaling import AnchoredScale
from research.embedding import Embeddings
from research.errors import InputError
from research.stance import Mentions, StanceAnchors, StanceScorer, mark_mentions, mention_features
from research.stance._poles import Cases, balanced, calibrate, memberships, ridge_by_fold, solve, stance_shares

__all__ = [
    "FEATURES",
    "NETWORKS",
    "OURS",
    "Case",
    "Read",
    "case_of",
    "from_anchors",
    "from_lesson",
    "macro_f1_of",
    "read",
    "read_masked",
    "sentence_vectors",
    "taught",
    "two_steps",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OURS = "mention, near and far"
# Each way to read a mention, in words.
FEATURES = {
    "sentence": "sentence vector",
    "sentence_layers": "sentence, hidden layers",
    "masked": "sentence with the target masked",
    "masked_layers": "masked, hidden layers",
    "mention": "mention alone",
    "near": "30 characters around",
    "far": "120 characters around",
    "ours": OURS,
}
NETWORKS = "networks"  # ours, with networks in place of ridge regressions
_BANDS = np.linspace(0.02, 0.9, 45)


@dataclass(frozen=True)
class Case:
    """Labelled mentions of one source: stances in [-1, 1], what must be left out together, the mentions, the texts."""

    y: Floats
    groups: list[str]
    texts: list[str]
    mentions: Mentions


@dataclass(frozen=True)
class Read:
    """One source as every way reads it."""

    case: Case
    features: dict[str, Floats]


def case_of(source: LabelledMentions | StanceAnchors) -> Case:
    """Give labelled mentions or anchors in one form."""
    if isinstance(source, StanceAnchors):
        return Case(source.poles.astype(np.float64), list(source.subjects), list(source.texts), source.mentions)
    return Case(source.y, source.documents, source.texts, mark_mentions(source.texts, source.positions))


def read(source: LabelledMentions | StanceAnchors, encoder: Any, progress: Any = None) -> Read:
    """Encode a source and read it in every way that leaves the target in its place."""
    case = case_of(source)
    embeddings = encoder.encode(case.texts, spans=case.mentions.spans, progress=progress)
    joined = mention_features(embeddings, case.mentions)
    width = joined.shape[1] // 3
    features = {
        "sentence": sentence_vectors(embeddings, case.mentions),
        "sentence_layers": embeddings.layers.reshape(len(case.y), -1).astype(np.float64),
        "mention": joined[:, :width],
        "near": joined[:, width : 2 * width],
        "far": joined[:, 2 * width :],
        "ours": joined,
    }
    return Read(case, features)


def read_masked(source: LabelledMentions | StanceAnchors, encoder: Any, progress: Any = None) -> Read:
    """Read a source as `read` does, and once more with the target masked by X."""
    found = read(source, encoder, progress)
    case = found.case
    positions = zip(case.texts, case.mentions.start, case.mentions.end, strict=True)
    masked = encoder.encode([text[:start] + "X" + text[end:] for text, start, end in positions], progress=progress)
    features = {
        "masked": masked.vectors.astype(np.float64),
        "masked_layers": masked.layers.reshape(len(case.y), -1).astype(np.float64),
    }
    return Read(case, found.features | features)


def sentence_vectors(embeddings: Embeddings, mentions: Mentions) -> Floats:
    """Give, for each scored mention, the vector of the sentence in which it begins."""
    sentences = embeddings.sentences
    text, start = mentions.text[mentions.scored], mentions.start[mentions.scored]
    found = []
    for place, at in zip(text, start, strict=True):
        own = np.flatnonzero((sentences.paragraph == place) & (sentences.start <= at))
        found.append(sentences.vectors[own[-1]] if len(own) else embeddings.vectors[place])
    return np.array(found, dtype=np.float64).reshape(-1, embeddings.vectors.shape[1])


def from_anchors(anchors: Read, name: str, seed: int, **parameters: Any) -> StanceScorer:
    """Fit the scorer on what one way reads of the anchors."""
    return StanceScorer(n_bootstrap=1, random_state=seed, **parameters).fit(
        anchors.features[name], anchors.case.y, anchors.case.groups
    )


def taught(
    anchors: Read, name: str, X: Floats, y: Floats, groups: Sequence[str], seed: int, **parameters: Any
) -> StanceScorer:
    """Let labels teach a scorer that starts from the anchors, or from nothing where those teach it nothing.

    Many anchors are one sentence with either of two targets marked, so no vector of the sentence can tell them apart,
    and the scorer refuses them.
    """
    try:
        return from_anchors(anchors, name, seed, **parameters).learn(X, y, groups)
    except InputError:
        return StanceScorer(n_bootstrap=1, random_state=seed, **parameters).fit(X, np.trunc(y), groups)


def from_lesson(X: Floats, lesson: Lesson, seed: int) -> Callable[[Floats], Floats]:
    """Let a lesson teach poles and shares without any anchors; give what says the shares of new mentions."""
    y = lesson.mentions.y
    written = lesson.judges > 0
    cases = Cases(X, y, lesson.mentions.documents, lesson.weights, lesson.judges)
    poles, weights = memberships(y)[:, [2, 0]], balanced(y, lesson.weights)
    penalty, scores = ridge_by_fold(cases, poles, weights, seed)
    table = calibrate(scores[written], y[written], lesson.judges[written])
    [(directions, intercepts)] = solve(X, poles, weights, [penalty])
    return lambda new: stance_shares(new @ directions.T + intercepts, table)


def two_steps(X: Floats, y: Floats, groups: Sequence[str], new: Floats) -> tuple[Integers, Floats]:
    """Give labels and scores as this package did before: which side is taken, times whether one is taken at all."""
    taken = y != 0
    direction = AnchoredScale(1).fit(X[taken], y[taken], np.array(groups)[taken])
    evaluation = AnchoredScale(1).fit(X, np.where(taken, 1.0, -1.0), groups)

    def combined(side: Floats, whether: Floats) -> Floats:
        score: Floats = np.clip(side, -1.0, 1.0) * (np.clip(whether, -1.0, 1.0) + 1) / 2
        return score

    side = direction.position(X)
    side[taken] = direction.out_of_fold_
    out = np.nan_to_num(combined(side, evaluation.out_of_fold_))
    found = np.array([macro_f1_of(y, np.sign(out) * (np.abs(out) > band)) for band in _BANDS])
    good = np.flatnonzero(found >= found.max() - 0.01)
    band = _BANDS[good[len(good) // 2]]
    score = combined(direction.position(new), evaluation.position(new))
    return (np.sign(score) * (np.abs(score) > band)).astype(np.int64), score


def macro_f1_of(truth: NDArray[Any], guess: NDArray[Any]) -> float:
    """Give macro-F1 over the classes -1, 0 and 1, from counts: for the bootstrap scikit-learn's takes too long."""
    counts = np.bincount((3 * (truth + 1) + guess + 1).astype(np.int64), minlength=9).reshape(3, 3)
    right, sums = np.diag(counts), counts.sum(axis=0) + counts.sum(axis=1)
    return float(np.mean(np.divide(2.0 * right, sums, out=np.zeros(3), where=sums > 0)))
