"""The stance scorer: two steps, a label with a neutral band, and the tables it gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

from research.embedding._embeddings import Embeddings, Segments
from research.errors import InputError, ModelError
from research.stance import StanceScorer, Target, find_mentions

RNG = np.random.default_rng(0)
Y = np.tile([-1, 0, 1], 30)
GROUPS = np.repeat(np.arange(30), 3)
# Axis 0 tells the side, axis 1 whether one is taken: neutral is not halfway, it is elsewhere.
X = np.hstack([np.stack([Y, Y**2], axis=1) + 0.25 * RNG.normal(size=(90, 2)), 0.25 * RNG.normal(size=(90, 4))])


@pytest.fixture(scope="module")
def scorer() -> StanceScorer:
    return StanceScorer(n_bootstrap=20).fit(X, Y, GROUPS)


def embed(texts, spans, vectors) -> Embeddings:
    """Stand in for the encoder: give the named spans the named vectors."""
    n = len(texts)
    none = np.zeros((0, 6), np.float32)
    bounds = np.array([span for found in spans for span in found], dtype=np.int64).reshape(-1, 2)
    owner = np.repeat(np.arange(n), [len(found) for found in spans]).astype(np.int64)
    vectors = np.asarray(vectors, np.float32).reshape(-1, 6)
    empty = np.zeros(0, np.int64)
    return Embeddings(
        texts=tuple(texts),
        vectors=np.zeros((n, 6), np.float32),
        layers=np.zeros((n, 0, 6), np.float32),
        sentences=Segments(none, empty, empty, empty, none[:, None][:, :0]),
        spans=Segments(vectors, owner, bounds[:, 0], bounds[:, 1], np.zeros((len(vectors), 0, 6), np.float32)),
        n_tokens=np.ones(n, np.int64),
        n_pieces=np.ones(n, np.int64),
    )


FAVOR, NEUTRAL, AGAINST = ([1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [-1, 1, 0, 0, 0, 0])
TARGETS = [Target("russia", "Russia", ("Russia",)), Target("india", "India", ("India",))]
TEXTS = [
    "Russia failed.",
    "India won.",
    'He said: "we trust Russia with our lives".',
    "Rain fell.",
    "Russia failed. Then Russia won.",
]


@pytest.fixture(scope="module")
def case():
    mentions = find_mentions(TEXTS, TARGETS)
    return embed(TEXTS, mentions.spans, [AGAINST, FAVOR, AGAINST, FAVOR]), mentions


def test_labels_scores_and_intervals(scorer, case) -> None:
    table = scorer.assess(*case)
    names = ["stance_russia", "stance_india"]
    assert table.columns == [f"{name}{end}" for name in names for end in ("", "_score", "_low", "_high")]
    assert table["stance_russia"].to_list() == ["against", "absent", "neutral", "absent", "neutral"]
    assert table["stance_india"].to_list() == ["absent", "favor", "absent", "absent", "absent"]
    score = table["stance_russia_score"].to_list()
    assert score[0] < -0.7 and score[1] is None and score[2] == 0 and abs(score[4]) < 0.2
    held = table.drop_nulls("stance_russia_score")
    assert (held["stance_russia_low"] <= held["stance_russia_score"]).all()
    assert (held["stance_russia_score"] <= held["stance_russia_high"]).all()


def test_a_text_is_assessed_the_same_alone(scorer, case) -> None:
    table = scorer.assess(*case)
    alone = find_mentions(TEXTS[:1], TARGETS)
    assert scorer.assess(embed(TEXTS[:1], alone.spans, [AGAINST]), alone).equals(table[:1])


def test_draws_go_with_the_table(scorer, case) -> None:
    draws = scorer.draws(*case)["russia"]
    assert draws.shape == (20, 5)
    assert np.isnan(draws[:, [1, 3]]).all() and (draws[:, 2] == 0).all()
    assert (draws[:, 0] < -0.5).all()


def test_spans_of_other_mentions_are_refused(scorer, case) -> None:
    embeddings, mentions = case
    with pytest.raises(InputError, match=r"spans=mentions\.spans"):
        scorer.assess(embeddings.take([1, 0, 2, 3, 4]), mentions)


def test_the_state_predicts_the_same_bits(scorer, case) -> None:
    arrays, meta = scorer.to_state()
    again = StanceScorer.from_state(arrays, json.loads(json.dumps(meta)))
    assert again.assess(*case).equals(scorer.assess(*case))
    with pytest.raises(ModelError, match="version"):
        StanceScorer.from_state(arrays, meta | {"version": 0})


def test_two_steps_keep_a_neutral_voice_apart_that_one_line_cannot(scorer) -> None:
    assert scorer.macro_f1_ > 0.9
    assert np.abs(scorer.predict(X)[Y == 0]).mean() < 0.3


def test_anchors_without_neutral_ones_do(scorer) -> None:
    taken = Y != 0
    plain = StanceScorer(n_bootstrap=3).fit(X[taken], Y[taken], GROUPS[taken])
    assert plain.evaluation_ is None
    assert StanceScorer.from_state(*plain.to_state()).predict(X).shape == (90,)
    with pytest.raises(InputError, match="negative pole"):
        StanceScorer().fit(X[Y >= 0], Y[Y >= 0])
    with pytest.raises(InputError, match="one span each"):
        embeddings = embed(["a b"], [[(0, 1), (2, 3)]], [FAVOR, AGAINST])
        StanceScorer().fit(embeddings, [1])


def test_neutral_anchors_that_cannot_be_told_apart_are_said() -> None:
    # What marks a neutral anchor in one subject marks the others in the other.
    turned = Y**2 * np.where(GROUPS < 15, 1, -1)
    halfway = StanceScorer(n_bootstrap=3).fit(np.stack([Y, turned], axis=1), Y, GROUPS < 15)
    assert halfway.evaluation_ is None and "cannot be told" in halfway.warnings_[0]
    assert halfway.macro_f1_ > 0.8


class Sided(StanceScorer):
    """Give the checks anchors: their labels are noise to us, so labels follow the ranks of the first column instead."""

    def fit(self, X, y=None, groups=None):
        try:
            column, labels = np.asarray(X)[:, 0], np.asarray(y).astype(float)
            column = column.astype(complex).real.astype(float)
        except (TypeError, ValueError, IndexError):
            return super().fit(X, y, groups)
        if np.isfinite(column).all() and np.isfinite(labels).all() and len(column) == labels.size > 2:
            ranks = np.argsort(np.argsort(column, kind="stable"), kind="stable")
            y = (np.floor(3 * ranks / len(ranks)) - 1).reshape(labels.shape)
        return super().fit(X, y, groups)


def test_it_is_a_scikit_learn_estimator() -> None:
    reasons = {"check_regressors_train": "wants R2 > .5 on its own labels, which the fit here never sees"}
    failed = [
        f"{result['check_name']}: {result['exception']!r}"
        for result in check_estimator(Sided(n_bootstrap=3), expected_failed_checks=reasons, on_fail=None, on_skip=None)
        if result["status"] == "failed"
    ]
    assert not failed, "\n".join(failed)
