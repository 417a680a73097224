"""The framing axis: an estimator over embeddings, with style for English, diluted units and a saved state."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from research.embedding._embeddings import Embeddings, Segments
from research.errors import InputError, ModelError
from research.framing import FramingAxis
from research.framing._features import Mixtures

Y = np.tile([-1, 0, 1], 20)
GROUPS = np.repeat([f"subject {i}" for i in range(20)], 3)
VOICE = {
    -1: "But it may fail if costs rise. Analysts warned of it.",
    0: "The ministers met on Monday. They left.",
    1: "A truly great day. Splendid, too.",
}


def unit(array):
    return (array / np.linalg.norm(array, axis=-1, keepdims=True)).astype(np.float32)


def embed(texts, signal, seed=0, layer=slice(None)) -> Embeddings:
    """Stand in for the encoder: two layers of eight dimensions, one of which carries the signal, two sentences each."""
    rng = np.random.default_rng(seed)
    layers = 0.35 * rng.normal(size=(len(texts), 2, 8)) + 1
    layers[:, layer, 0] += np.asarray(signal)[:, None]
    inner = np.repeat(layers, 2, axis=0) + 0.3 * rng.normal(size=(2 * len(texts), 2, 8))
    cut = np.array([text.index(".") + 1 for text in texts])
    bounds = np.array([(a, b) for text, c in zip(texts, cut, strict=True) for a, b in ((0, c), (c + 1, len(text)))])
    owner = np.repeat(np.arange(len(texts)), 2)
    sentences = Segments(unit(inner[:, -1]), owner, bounds[:, 0], bounds[:, 1], unit(inner))
    ones = np.ones(len(texts), np.int64)
    return Embeddings(tuple(texts), unit(layers[:, -1]), unit(layers), sentences, sentences.take(owner[:0]), ones, ones)


@pytest.fixture(scope="module")
def anchors() -> Embeddings:
    return embed([VOICE[y] + f" Case {i}." for i, y in enumerate(Y)], Y)


@pytest.fixture(scope="module")
def axis(anchors) -> FramingAxis:
    return FramingAxis(n_bootstrap=20).fit(anchors, Y, GROUPS)


def test_it_scores_texts_it_has_not_seen(axis) -> None:
    sides = np.repeat([-1, 0, 1], 6)
    news = embed([VOICE[side] for side in sides], sides, seed=5)
    scores, poles, ends = axis.predict(news), axis.predict_poles(news), axis.predict_interval(news)
    assert [np.round(scores[sides == side].mean()) for side in (-1, 0, 1)] == [-1, 0, 1]
    assert poles[sides == 1].mean(axis=0)[0] > 0.7 > 0.3 > poles[sides == -1].mean(axis=0)[0]
    assert (ends[:, 0] <= scores).all() and (scores <= ends[:, 1]).all()
    assert axis.predict_draws(news, 7).shape == (7, 18)
    assert axis.predict_sentences(news).shape == (36,)


def test_the_table_has_what_each_prediction_gives(axis) -> None:
    news = embed([VOICE[side] for side in Y[:9]], Y[:9], seed=6)
    table = axis.assess(news, confidence=0.9)
    assert np.array_equal(table["framing"], axis.predict(news))
    assert np.array_equal(table.select("framing_low", "framing_high"), axis.predict_interval(news, 0.9))
    assert np.array_equal(table.select("framing_positive_pole", "framing_negative_pole"), axis.predict_poles(news))


def test_an_axis_of_content_reads_the_last_layer_and_one_of_voice_does_not(anchors) -> None:
    last = embed(["A case."] * len(Y), Y, seed=7, layer=slice(1, None))
    content = FramingAxis(n_bootstrap=2, style=False, reads="content").fit(last, Y, GROUPS)
    unseen = embed(["A case."] * len(Y), Y, seed=8, layer=slice(1, None))
    scores = content.predict(unseen)
    assert [np.round(scores[side == Y].mean()) for side in (-1, 0, 1)] == [-1, 0, 1]
    again = FramingAxis.from_state(*content.to_state())
    assert again.reads == "content" and np.array_equal(again.predict(anchors), content.predict(anchors))
    voice = FramingAxis(n_bootstrap=2, style=False).fit(last, Y, GROUPS)
    assert abs(np.corrcoef(voice.predict(unseen), Y)[0, 1]) < 0.3 < 0.8 < np.corrcoef(scores, Y)[0, 1]
    with pytest.raises(InputError, match='"voice" or "content"'):
        FramingAxis(reads="topic").fit(anchors, Y, GROUPS)


def test_company_and_order_do_not_matter(axis, anchors) -> None:
    order = np.random.default_rng(0).permutation(len(Y))
    again = FramingAxis(n_bootstrap=20).fit(anchors.take(order), Y[order], GROUPS[order])
    assert np.array_equal(again.predict_interval(anchors), axis.predict_interval(anchors))
    some = anchors.take([7, 3])
    assert np.array_equal(axis.predict(some), axis.predict(anchors)[[7, 3]])
    assert np.array_equal(axis.predict_interval(some), axis.predict_interval(anchors)[[7, 3]])
    assert np.array_equal(axis.predict_draws(some), axis.predict_draws(anchors)[:, [7, 3]])


def test_the_last_bits_of_another_processor_do_not_change_the_draws(axis, anchors) -> None:
    nearly = replace(anchors, layers=np.nextafter(anchors.layers, np.float32(2)))
    assert not np.array_equal(axis.predict(nearly), axis.predict(anchors))
    assert np.allclose(axis.predict_draws(nearly), axis.predict_draws(anchors), rtol=0, atol=1e-4)


def test_the_state_predicts_the_same_bits(axis, anchors) -> None:
    arrays, meta = axis.to_state()
    again = FramingAxis.from_state(arrays, json.loads(json.dumps(meta)))
    assert np.array_equal(again.predict_interval(anchors), axis.predict_interval(anchors))
    assert np.array_equal(again.predict_draws(anchors), axis.predict_draws(anchors))
    assert again.get_params() == axis.get_params()
    with pytest.raises(ModelError, match="version"):
        FramingAxis.from_state(arrays, meta | {"version": 0})
    for key in ("parameters", "uses_style", "scale"):
        with pytest.raises(ModelError, match=f"framing axis lacks '{key}'"):
            FramingAxis.from_state(arrays, {name: value for name, value in meta.items() if name != key})
    for key, other in (("scale", None), ("parameters", None), ("facts", "x"), ("n_features_in", "many")):
        with pytest.raises(ModelError, match="framing axis holds a part of another form"):
            FramingAxis.from_state(arrays, meta | {key: other})


def test_style_is_for_english_embeddings_only(axis, anchors) -> None:
    assert axis.uses_style_
    assert not FramingAxis(n_bootstrap=2, language="de").fit(anchors, Y, GROUPS).uses_style_
    assert FramingAxis(n_bootstrap=2, language="EN").fit(anchors, Y, GROUPS).uses_style_
    with pytest.raises(InputError, match="did you mean `en`"):
        FramingAxis(language="english").fit(anchors, Y, GROUPS)
    plain = FramingAxis(n_bootstrap=2).fit(np.asarray(anchors), Y, GROUPS)
    assert not plain.uses_style_
    # An axis of arrays reads an Embeddings as its array; an axis of embeddings needs their layers and texts.
    assert np.array_equal(plain.predict(anchors), plain.predict(np.asarray(anchors)))
    with pytest.raises(InputError, match="pass the Embeddings"):
        axis.predict(np.asarray(anchors))


def test_no_text_at_all_gives_no_score(axis, anchors) -> None:
    assert axis.predict(anchors.take([])).shape == (0,)
    assert axis.predict_interval(anchors.take([])).shape == (0, 2)
    assert axis.predict_draws(anchors.take([]), 3).shape == (3, 0)


def test_mixtures_keep_folds_apart_and_labels_right() -> None:
    made = Mixtures(Y.astype(float), GROUPS.tolist(), 0)
    side, other = Y[made.first], Y[made.second]
    assert set(zip(side, other, made.y, strict=True)) == {
        (1, 1, 1.0),
        (-1, -1, -1.0),
        (0, 0, 0.0),
        (1, 0, 0.6),
        (-1, 0, -0.6),
    }
    assert (GROUPS[made.first] != GROUPS[made.second]).all()


def test_wrong_anchors_are_refused(anchors) -> None:
    with pytest.raises(InputError, match="negative pole"):
        FramingAxis().fit(anchors.take(np.flatnonzero(Y >= 0)), Y[Y >= 0])
    with pytest.raises(InputError, match="one group an anchor"):
        FramingAxis().fit(anchors, Y, GROUPS[:5])


class Anchored(FramingAxis):
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
    results = check_estimator(Anchored(n_bootstrap=3), expected_failed_checks=reasons, on_fail=None, on_skip=None)
    failed = [f"{r['check_name']}: {r['exception']!r}" for r in results if r["status"] == "failed"]
    assert not failed, "\n".join(failed)
    assert clone(FramingAxis(style=False)).style is False


def test_learning_keeps_the_interface_and_survives_saving() -> None:
    generator = np.random.default_rng(0)
    y = np.tile([-1, 0, 1], 20)
    X = y[:, None] * [1.0, 0.5, 0.0] + 0.2 * generator.normal(size=(60, 3))
    axis = FramingAxis(n_bootstrap=10).fit(X, y, np.repeat(np.arange(20), 3))
    truth = generator.choice([-1.0, 0.0, 1.0], 80)
    texts = truth[:, None] * [1.0, 0.0, 0.5] + 0.2 * generator.normal(size=(80, 3))
    before = axis.predict(texts)
    axis.learn(texts, truth, documents=[f"d{row // 2}" for row in range(80)])
    assert np.corrcoef(axis.out_of_fold_, truth)[0, 1] > np.corrcoef(before, truth)[0, 1]
    low, high = axis.predict_interval(texts).T
    assert ((low <= axis.predict(texts)) & (axis.predict(texts) <= high)).all()
    again = FramingAxis.from_state(*axis.to_state())
    assert np.array_equal(again.predict(texts), axis.predict(texts))
    assert np.array_equal(again.predict_draws(texts), axis.predict_draws(texts))
