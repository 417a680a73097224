"""The labelled axis: the axis where labels are few, better where they are many, honest about both."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import brier_score_loss, f1_score, roc_auc_score
from sklearn.utils.estimator_checks import check_estimator
from statsmodels.stats.proportion import proportion_confint

from research import figures
from research.embedding._embeddings import Embeddings, Segments
from research.errors import InputError, ModelError
from research.framing import (
    FramingAxis,
    LabelledAxis,
    brier,
    expected_calibration_error,
    learning_curve,
    reliability_table,
)
from research.framing._nested import Judged, judge

POLES = np.tile([-1, 0, 1], 20)
N_FEATURES = 12


def make_axis(n_features: int = N_FEATURES) -> FramingAxis:
    """Anchors differ along the first feature alone."""
    X = 0.25 * np.random.default_rng(0).normal(size=(len(POLES), n_features))
    X[:, 0] += POLES
    return FramingAxis(n_bootstrap=2).fit(X, POLES, np.repeat(np.arange(20), 3))


@pytest.fixture(scope="module")
def axis() -> FramingAxis:
    return make_axis()


def texts(n: int, seed: int, beside: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Texts whose class follows the axis's feature, and by `beside` a feature that the anchors do not know."""
    rng = np.random.default_rng(seed)
    X = 0.25 * rng.normal(size=(n, N_FEATURES))
    X[:, 0] += 0.5 * rng.normal(size=n)
    X[:, 1] += 0.7 * rng.normal(size=n)
    log_odds = 3 * X[:, 0] + beside * X[:, 1] - 0.5
    return X, np.where(rng.random(n) < 1 / (1 + np.exp(-log_odds)), "yes", "no")


def auc(model: LabelledAxis, X: np.ndarray, y: np.ndarray) -> float:
    return roc_auc_score(y == "yes", model.decision_function(X))


@pytest.mark.parametrize("beside", [0.0, 3.0])
def test_the_mean_loss_against_the_axis_is_small(axis, beside) -> None:
    X, y = texts(2500, 1, beside)
    test, pool = slice(0, 1500), np.arange(1500, 2500)
    alone = roc_auc_score(y[test] == "yes", axis.scale_.position(axis._features(X[test])))
    for size in (8, 16, 32, 64):
        gains = []
        for draw in range(8 if beside else 24):
            drawn = np.random.default_rng([size, draw]).choice(pool, size, replace=False)
            model = LabelledAxis(axis, nested=False, classes=["no", "yes"]).fit(X[drawn], y[drawn])
            gains.append(auc(model, X[test], y[test]) - alone)
        assert np.mean(gains) > -0.005, size
        if beside and size == 64:
            assert np.mean(gains) > 0.05


def test_labels_move_the_axis_where_they_know_better(axis) -> None:
    X, y = texts(300, 2, beside=3.0)
    model = LabelledAxis(axis, n_bootstrap=200).fit(X, y)
    assert np.isfinite(model.penalties_[0]) and model.sets_ == (("axis",),) and not model.warnings_
    table = model.nested_
    assert table.columns == ["model", "measure", "estimate", "low", "high", "n_texts", "n_documents"]
    assert table.height == 4 * 5
    gain = table.filter(model="gain", measure="auroc").row(0, named=True)
    assert gain["low"] > 0.02 and gain["n_texts"] == gain["n_documents"] == 300
    assert (table["low"] <= table["estimate"]).all() and (table["estimate"] <= table["high"]).all()
    # The table is what one gets by hand from the probabilities behind it.
    both = dict(table.filter(model="axis and labels").select("measure", "estimate").iter_rows())
    assert both["brier"] == pytest.approx(brier_score_loss(y == "yes", model.out_of_fold_[:, 1]))
    assert both["ece"] == pytest.approx(expected_calibration_error(model.out_of_fold_[:, 1], y == "yes"))
    assert both["auroc"] == pytest.approx(roc_auc_score(y == "yes", model.out_of_fold_[:, 1]), abs=0.02)
    new, truth = texts(2000, 3, beside=3.0)
    probability = model.predict_proba(new)[:, 1]
    assert expected_calibration_error(probability, truth == "yes") < 0.06
    assert abs(brier(probability, truth == "yes") - both["brier"]) < 0.04


def test_what_labels_do_not_bear_out_stays_the_axis(axis) -> None:
    X, y = texts(64, 4)
    y = np.random.default_rng(0).permutation(y)
    model = LabelledAxis(axis, n_bootstrap=20).fit(X, y)
    assert model.penalties_ == (np.inf,) and model.sets_ == ((),)
    assert "did not earn a move" in model.warnings_[0]
    assert not model.weights_.any()


def test_features_that_were_not_asked_for_are_not_used(axis) -> None:
    X, y = texts(60, 3, 6.0)
    asked = LabelledAxis(axis, features=["extra"], nested=False).fit(X, y)
    assert asked.sets_ == ((),) and np.isinf(asked.penalties_[0])
    assert len(asked.warnings_) == 1 and "there is nothing to make extra of" in asked.warnings_[0]
    few = LabelledAxis(axis, features=["extra"], nested=False).fit(X[:10], y[:10], extra=np.arange(10))
    assert "extra needs 16 labels" in few.warnings_[0]
    alone = LabelledAxis(axis, features=["axis"], nested=False).fit(X, y)
    assert alone.sets_ == (("axis",),)


def test_few_labels_or_none_do(axis) -> None:
    X, y = texts(200, 5)
    position = axis.scale_.position(axis._features(X))
    both = ["no", "yes"]
    for model, words in [
        (LabelledAxis(axis, classes=both).fit(None, []), "there are no labels"),
        (LabelledAxis(axis, classes=both).fit(X[:0], y[:0]), "there are no labels"),
        (LabelledAxis(axis, classes=both).fit(X[:3], ["yes"] * 3), "no label is of the class"),
        (LabelledAxis(axis, classes=both).fit(X[:1], ["no"]), "no label is of the class"),
        (LabelledAxis(axis).fit(X[:2], both), "did not earn"),
        (LabelledAxis(axis).fit(X[:9], [*both, *both, *both, "no", "no", "no"], ["a"] * 9), "from one document"),
    ]:
        assert any(words in warning for warning in model.warnings_), (words, model.warnings_)
        assert np.array_equal(np.argsort(model.decision_function(X)), np.argsort(position))
        assert set(model.predict(X)) == {"no", "yes"}
    nothing = LabelledAxis(axis, classes=both).fit(None, [])
    assert np.allclose(nothing.decision_function(X), 1.5 * position) and nothing.nested_.is_empty()
    one = LabelledAxis(axis).fit(X[:3], ["yes"] * 3)
    assert one.predict_proba(X).shape == (200, 1) and "name the other by `classes`" in one.warnings_[0]


def test_labels_of_one_kind_pull_a_little(axis) -> None:
    X, _ = texts(40, 6)
    few, more = (LabelledAxis(axis, classes=[0, 1]).fit(X[:n], np.ones(n)) for n in (2, 40))
    a, b = few.decision_function(X).mean(), more.decision_function(X).mean()
    alone = LabelledAxis(axis, classes=[0, 1]).fit(None, []).decision_function(X).mean()
    assert alone < a < alone + 1 and a < b < alone + 6


def test_texts_of_one_document_never_check_each_other(axis) -> None:
    # Each document has its own mark and one label by chance: only leaking texts could learn anything.
    rng = np.random.default_rng(7)
    documents = np.repeat(np.arange(30), 4)
    X = 0.05 * rng.normal(size=(120, N_FEATURES)) + rng.normal(size=(30, N_FEATURES))[documents]
    y = rng.permutation(np.arange(30) % 2)[documents]
    held = LabelledAxis(axis, n_bootstrap=50).fit(X, y, documents)
    leaking = LabelledAxis(axis, n_bootstrap=50).fit(X, y)
    auroc = {"model": "axis and labels", "measure": "auroc"}
    assert leaking.nested_.filter(**auroc)["estimate"].item() > 0.75
    assert held.nested_.filter(**auroc)["low"].item() < 0.5
    assert held.nested_["n_documents"].unique().to_list() == [30]


def test_the_threshold_serves_macro_f1(axis) -> None:
    rng = np.random.default_rng(8)
    X, _ = texts(3000, 8)
    y = np.where(rng.random(3000) < 1 / (1 + np.exp(-(3 * X[:, 0] - 2.6))), 1, 0)
    model = LabelledAxis(axis, nested=False).fit(X[:400], y[:400])
    assert model.threshold_ < 0.45
    said = model.predict(X[400:])
    assert np.array_equal(said == 1, model.decision_function(X[400:]) > 0)
    assert np.array_equal(said == 1, model.predict_proba(X[400:])[:, 1] > model.threshold_)
    by_half = (model.predict_proba(X[400:])[:, 1] > 0.5).astype(int)
    assert f1_score(y[400:], said, average="macro") > f1_score(y[400:], by_half, average="macro") + 0.02


def test_either_class_may_be_the_positive_pole(axis) -> None:
    X, y = texts(150, 9)
    turned = np.where(y == "yes", "against", "for")
    wrong = LabelledAxis(axis, nested=False).fit(X[:20], turned[:20])
    right = LabelledAxis(axis, nested=False, positive="against").fit(X[:20], turned[:20])
    straight = LabelledAxis(axis, nested=False).fit(X[:20], y[:20])
    # The folds are others, so a little differs.
    assert np.allclose(right.predict_proba(X)[:, 0], straight.predict_proba(X)[:, 1], atol=0.02)
    truth = turned == "for"
    assert roc_auc_score(truth, wrong.decision_function(X)) < roc_auc_score(truth, right.decision_function(X))


def test_several_classes(axis) -> None:
    rng = np.random.default_rng(10)
    classes = np.array(["blame", "other", "plain", "praise"])
    codes = rng.integers(4, size=400)
    X = 0.3 * rng.normal(size=(400, N_FEATURES))
    X[:, 0] += np.array([-0.6, 0.0, 0.0, 0.6])[codes]
    X[:, 1] += np.array([0.0, 1.0, 0.0, 0.0])[codes]
    y = classes[codes]
    poles = {"blame": -1, "praise": 1}
    model = LabelledAxis(axis, poles=poles, n_bootstrap=30).fit(X[:120], y[:120])
    p = model.predict_proba(X)
    assert np.allclose(p.sum(axis=1), 1) and model.decision_function(X).shape == (400, 4)
    assert np.array_equal(model.predict(X), classes[p.argmax(axis=1)])
    assert (model.predict(X[120:]) == y[120:]).mean() > 0.65
    assert np.sign(model.offsets_).tolist() == [-1, 0, 0, 1] and np.isfinite(model.penalties_[1])
    few = [LabelledAxis(axis, poles=m, nested=False, classes=classes).fit(X[:6], y[:6]) for m in (poles, None)]
    praise = [roc_auc_score(y == "praise", f.predict_proba(X)[:, 3]) for f in few]
    assert praise[0] > 0.85 and praise[0] > praise[1]
    assert "labels decide alone" in few[1].warnings_[0]


def test_an_ordinal_scale_is_monotone(axis) -> None:
    rng = np.random.default_rng(11)
    X = 0.3 * rng.normal(size=(600, N_FEATURES))
    X[:, 0] += 0.7 * rng.normal(size=600)
    y = np.digitize(X[:, 0] + 0.2 * X[:, 1] + 0.3 * rng.normal(size=600), [-0.8, -0.2, 0.3, 0.9]) - 2
    model = LabelledAxis(axis, ordinal=True, n_bootstrap=30).fit(X[:150], y[:150])
    p = model.predict_proba(X)
    assert (p >= 0).all() and np.allclose(p.sum(axis=1), 1) and p.shape == (600, 5)
    # The median class, and off by less than half a step on average.
    half = p.cumsum(axis=1)
    assert np.array_equal(model.predict(X), model.classes_[(half < 0.5).sum(axis=1)])
    assert np.abs(model.predict(X[150:]) - y[150:]).mean() < 0.5
    assert model.nested_.filter(model="axis and labels", measure="auroc")["estimate"].item() > 0.9
    turned = LabelledAxis(axis, ordinal=True, positive=-2, nested=False).fit(X[:5], -y[:5])
    assert np.corrcoef(turned.predict_proba(X) @ turned.classes_, -y)[0, 1] > 0.7
    with pytest.raises(InputError, match="is no number"):
        LabelledAxis(axis, ordinal=True).fit(X[:3], ["a", "b", "c"])


def embed(rng, y, signal) -> Embeddings:
    """Two layers of eight dimensions with nothing of y in the first; the last and the words know it as asked."""
    n = len(y)
    layers = 0.3 * rng.normal(size=(n, 2, 8))
    if signal == "last_layer":
        layers[:, 1, 2] += y - 0.5
    layers = (layers / np.linalg.norm(layers, axis=2, keepdims=True)).astype(np.float32)
    pick = [("soaring", "dull")[int(v)] if signal == "words" else "plain" for v in y]
    said = tuple(f"The {word} day number {i}." for i, word in enumerate(pick))
    zero = np.zeros(0, np.int64)
    ones, rows = np.ones(n, np.int64), np.arange(n)
    whole = Segments(layers[:, 1], rows, 0 * rows, np.array([len(t) for t in said]), layers)
    none = Segments(layers[:0, 1], zero, zero, zero, layers[:0])
    return Embeddings(said, layers[:, 1], layers, whole, none, ones, ones)


@pytest.mark.parametrize("signal", ["last_layer", "words"])
def test_further_features_join_where_they_earn_it(signal) -> None:
    rng = np.random.default_rng(12)
    anchors = embed(rng, np.zeros(60), None)
    anchors.layers[:, 0, 0] = POLES
    axis = FramingAxis(n_bootstrap=2, style=False).fit(anchors, POLES)
    y = np.tile([0, 1], 80)
    X = embed(rng, y, signal)
    model = LabelledAxis(axis, nested=False).fit(X, y)
    assert signal in model.sets_[0]
    assert (model.predict(X) == y).mean() > 0.8
    own = LabelledAxis(axis, nested=False, features=["axis"]).fit(X, y)
    assert (own.predict(X) == y).mean() < 0.75
    if signal == "last_layer":  # few labels cannot tell, so none is asked
        assert LabelledAxis(axis, nested=False).fit(X.take(range(30)), y[:30]).blocks_ == (("axis", 8),)
    arrays, meta = model.to_state()
    again = LabelledAxis.from_state(arrays, json.loads(json.dumps(meta)))
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert np.array_equal(model.predict_proba(X.take([5, 2])), model.predict_proba(X)[[5, 2]])
    with pytest.raises(InputError, match="pass the Embeddings"):
        model.predict(X.vectors)


def test_numbers_of_the_users_join_where_they_earn_it(axis) -> None:
    """A cross-encoder's scores, say: here they know what the axis does not, on a scale of their own."""
    X, _ = texts(160, 30)
    rng = np.random.default_rng(31)
    y = np.where(rng.random(160) < 0.5, "yes", "no")
    extra = 40 + 3 * (y == "yes") + 1.5 * rng.normal(size=160)
    model = LabelledAxis(axis, nested=False).fit(X[:80], y[:80], extra=extra[:80])
    assert model.sets_[0] == ("axis", "extra")
    assert roc_auc_score(y[80:] == "yes", model.decision_function(X[80:], extra[80:])) > 0.85
    assert roc_auc_score(y[80:] == "yes", model.predict_proba(X[80:], extra[80:, None])[:, 1]) > 0.85
    assert (model.predict(X[80:], extra[80:]) == y[80:]).mean() > 0.75
    noise = LabelledAxis(axis, nested=False).fit(X[:80], y[:80], extra=rng.normal(size=(80, 2)))
    assert "extra" not in noise.sets_[0]
    few = LabelledAxis(axis, nested=False).fit(X[:15], y[:15], extra=extra[:15])
    assert few.sets_[0] in ((), ("axis",))
    again = LabelledAxis.from_state(*model.to_state())
    assert np.array_equal(again.predict_proba(X, extra), model.predict_proba(X, extra))
    assert model.score(X[80:], y[80:], extra=extra[80:]) > 0.75
    curve = learning_curve(LabelledAxis(axis), X, y, sizes=(64,), n_draws=3, extra=extra)
    assert curve.filter(model="gain")["auroc"][0] > 0.2


def test_extra_numbers_keep_the_bits_in_any_order_and_constant_ones_say_nothing(axis) -> None:
    X, y = texts(60, 33)
    X[20:40], y[20:40] = X[:20], y[:20]  # alike but for the extra number
    extra = np.column_stack([np.full(60, 40.1), np.random.default_rng(34).normal(size=60) + (y == "yes")])
    model = LabelledAxis(axis, nested=False).fit(X, y, extra=extra)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(60)
        other = LabelledAxis(axis, nested=False).fit(X[order], y[order], extra=extra[order])
        assert np.array_equal(other.predict_proba(X, extra), model.predict_proba(X, extra))
    moved = extra + np.array([1.0, 0.0])
    assert np.abs(model.decision_function(X, moved) - model.decision_function(X, extra)).max() < 1e-6


def test_extra_numbers_that_cannot_be_are_refused(axis) -> None:
    X, y = texts(20, 32)
    with pytest.raises(InputError, match="not finite"):
        (unfitted := LabelledAxis(axis)).fit(X, y, extra=np.full(20, np.inf))
    with pytest.raises(NotFittedError):
        unfitted.predict(X)
    model = LabelledAxis(axis, nested=False).fit(X, y, extra=X[:, 0])
    plain = LabelledAxis(axis, nested=False).fit(X, y)
    for fitted, extra, said in (
        (model, None, r"1 extra number\(s\) a text came with the labels"),
        (model, X[:, :2], r"shape \(20, 2\).*must have \(20, 1\)"),
        (model, X[:5, 0], r"shape \(5, 1\)"),
        (plain, X[:, 0], "leave `extra` out"),
        (model, ["high"] * 20, "no number"),
        (model, np.where(np.arange(20) == 3, np.nan, 0.0), "not finite in row 3"),
    ):
        with pytest.raises(InputError, match=said):
            fitted.predict(X, extra)
    with pytest.raises(InputError, match=r"shape \(3, 1\)"):
        LabelledAxis(axis).fit(X, y, extra=[1, 2, 3])


def test_the_state_predicts_the_same_bits_and_order_does_not_matter(axis) -> None:
    X, y = texts(80, 13, beside=2.0)
    model = LabelledAxis(axis, n_bootstrap=20).fit(X, y)
    arrays, meta = model.to_state()
    again = LabelledAxis.from_state(arrays, json.loads(json.dumps(meta)))
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert np.array_equal(again.predict(X), model.predict(X)) and again.threshold_ == model.threshold_
    assert np.array_equal(model.predict_proba(X[[7, 3]]), model.predict_proba(X)[[7, 3]])
    with pytest.raises(ModelError, match="version"):
        LabelledAxis.from_state(arrays, meta | {"version": 0})
    with pytest.raises(ModelError, match="classifier lacks 'labelled_weights'"):
        LabelledAxis.from_state({k: v for k, v in arrays.items() if k != "labelled_weights"}, meta)
    order = np.random.default_rng(0).permutation(80)
    other = LabelledAxis(axis, n_bootstrap=20).fit(X[order], y[order])
    assert np.array_equal(other.predict_proba(X), model.predict_proba(X)) and other.nested_.equals(model.nested_)
    assert np.array_equal(other.out_of_fold_, model.out_of_fold_[order])


def test_wrong_input_is_refused(axis) -> None:
    X, y = texts(12, 14)
    three = np.tile(["a", "b", "c"], 4)
    for words, make in [
        ("give a fitted FramingAxis", lambda: LabelledAxis("axis").fit(X, y)),
        ("3 documents and 12 labels", lambda: LabelledAxis(axis).fit(X, y, ["a"] * 3)),
        ("not among `classes`", lambda: LabelledAxis(axis, classes=["no", "maybe"]).fit(X, y)),
        ("name the `classes`", lambda: LabelledAxis(axis).fit(None, [])),
        ("`positive` is 'maybe'", lambda: LabelledAxis(axis, positive="maybe").fit(X, y)),
        ("name the class at the positive pole", lambda: LabelledAxis(axis, poles={"yes": 1}).fit(X, y)),
        ("say by `poles`", lambda: LabelledAxis(axis, positive="a").fit(X, three)),
        ("it maps labels", lambda: LabelledAxis(axis, poles={"d": 1}).fit(X, three)),
        ("it maps labels", lambda: LabelledAxis(axis, poles={"a": 2}).fit(X, three)),
        ("'layers'; it is 'auto'", lambda: LabelledAxis(axis, features=["layers"]).fit(X, y)),
        ("`features` is empty", lambda: LabelledAxis(axis, features=[]).fit(X, y)),
        (r"label 2 \(from 0\) is missing; leave", lambda: LabelledAxis(axis).fit(X, [*y[:2], None, *y[3:]])),
        (r"label 1 \(from 0\) is missing; leave", lambda: LabelledAxis(axis).fit(X, [1.0, np.nan] * 6)),
        ("labels must be classes", lambda: LabelledAxis(axis).fit(X, np.linspace(0, 1, 12))),
    ]:
        with pytest.raises(InputError, match=words):
            make()


def test_measures_of_probabilities() -> None:
    rng = np.random.default_rng(15)
    p = rng.random(500)
    t = rng.random(500) < p**2
    assert brier(p, t) == pytest.approx(brier_score_loss(t, p))
    assert brier(np.stack([1 - p, p], axis=1), np.stack([~t, t], axis=1)) == pytest.approx(2 * brier(p, t))
    table = reliability_table(p, t, n_bins=7, confidence=0.9)
    assert table["n"].sum() == 500 and table["bin"].to_list() == list(range(1, 8))
    gaps = (table["n"] * (table["observed"] - table["mean_predicted"]).abs()).sum() / 500
    assert expected_calibration_error(p, t, 7) == pytest.approx(gaps) and gaps > 0.1
    for row in table.iter_rows(named=True):
        low, high = proportion_confint(round(row["observed"] * row["n"]), row["n"], 0.1, method="wilson")
        assert (row["low"], row["high"]) == pytest.approx((low, high))
    edge = reliability_table([0.0, 1.0, 1.0], [0, 1, 1])
    assert edge["bin"].to_list() == [1, 10] and edge["low"][0] == 0 and edge["high"][1] == 1
    for wrong in [([0.5], [1, 0]), ([1.5], [1]), ([np.nan], [1]), ([0.5], [2]), ([], [])]:
        with pytest.raises(InputError):
            brier(*wrong)
    with pytest.raises(InputError, match="n_bins"):
        reliability_table(p, t, n_bins=0)
    with pytest.raises(InputError, match="those of one class"):
        expected_calibration_error(np.ones((2, 2)), np.ones((2, 2)))


def test_the_learning_curve(axis) -> None:
    X, y = texts(300, 16, beside=3.0)
    documents = np.repeat(np.arange(100), 3)
    model = LabelledAxis(axis)
    table = learning_curve(model, X, y, documents, sizes=(8, 64, 1000), n_draws=6)
    assert table["size"].unique().sort().to_list() == [8, 64]  # 1000 are not there
    assert table["n_draws"].unique().to_list() == [6]
    mean = {(row["size"], row["model"]): row["auroc"] for row in table.iter_rows(named=True)}
    assert mean[64, "axis and labels"] > mean[64, "axis alone"] + 0.04
    assert mean[64, "labels alone"] > mean[8, "labels alone"] + 0.02
    assert mean[64, "gain"] == pytest.approx(mean[64, "axis and labels"] - mean[64, "axis alone"])
    assert table.equals(learning_curve(model, X, y, documents, sizes=(8, 64), n_draws=6))
    assert not hasattr(model, "classes_")
    three = np.digitize(X[:, 0], [-0.3, 0.3])
    ordinal = learning_curve(LabelledAxis(axis, ordinal=True), X, three, sizes=(8,), n_draws=2)
    assert ordinal.filter(model="axis alone")["auroc"].item() > 0.9
    with pytest.raises(InputError, match="leaves a fifth"):
        learning_curve(model, X, y, sizes=(290,))


def test_sizes_that_leave_too_few_texts_to_judge_on_are_left_out(axis) -> None:
    X, y = texts(60, 5)
    documents = np.repeat(["a", "b"], 30)
    curve = learning_curve(LabelledAxis(axis), X, y, documents, sizes=(8, 40), n_draws=2)
    assert curve["size"].unique().to_list() == [8]
    with pytest.raises(InputError, match=r"none of the sizes \[40\] leaves a fifth of the 60 texts, of documents"):
        learning_curve(LabelledAxis(axis), X, y, documents, sizes=(40,), n_draws=2)
    with pytest.raises(InputError, match="`n_draws` is 0"):
        learning_curve(LabelledAxis(axis), X, y, documents, n_draws=0)
    with pytest.raises(InputError, match=r"the document of row 2 \(from 0\) is missing"):
        learning_curve(LabelledAxis(axis), X, y, [*documents[:2], None, *documents[3:]])


@pytest.mark.parametrize("kind", [np.int64, np.int32])
def test_a_state_of_numpy_numbers_is_json(axis, kind) -> None:
    X, y = texts(20, 6)
    model = LabelledAxis(axis, random_state=kind(1), nested=np.bool_(False)).fit(X, y)
    assert json.loads(json.dumps(model.to_state()[1]))["parameters"]["random_state"] == 1
    own = FramingAxis(n_bootstrap=kind(3), random_state=kind(2)).fit(POLES[:, None] * np.ones(2), POLES)
    assert json.loads(json.dumps(own.to_state()[1]))["parameters"]["n_bootstrap"] == 3


def test_every_edge_belongs_to_the_bin_above_it() -> None:
    for n_bins in (10, 22, 23, 39):
        edges = np.arange(n_bins) / n_bins
        table = reliability_table(edges, np.ones(n_bins), n_bins=n_bins)
        assert table["n"].to_list() == [1] * n_bins
    with pytest.raises(InputError, match=r"`n_bins` is 2\.5"):
        expected_calibration_error([0.5], [1], n_bins=2.5)


def test_calibration_is_of_the_class_that_is_predicted() -> None:
    """Of an ordinal scale that is the median class, which need not be the likeliest."""
    n = 200
    above = np.tile(np.log([0.6 / 0.4, 0.4 / 0.6]), (n, 1))
    probability, codes = np.tile([0.4, 0.2, 0.4], (n, 1)), np.repeat([0, 1], n // 2)
    one = Judged(above, probability, np.ones(n, dtype=np.int64))
    targets = np.stack([codes > 0, codes > 1]).astype(float)
    rules = ("axis alone", "labels alone", "axis and labels")
    found = judge(dict.fromkeys(rules, one), codes, targets, np.zeros(n, int), [str(row) for row in range(n)], 5, 0)
    assert found.filter(model="axis and labels", measure="ece")["estimate"].item() == pytest.approx(0.3)


@pytest.mark.parametrize("columns", [1, 2])
def test_the_reliability_figure(columns, tmp_path) -> None:
    p = np.random.default_rng(17).random(300)
    table = reliability_table(p, p > 0.4)
    plot = figures.reliability(table, label="subjective sentences", columns=columns)
    assert "n = 300 texts" in plot.caption and "calibration error 0.2" in plot.note
    assert plot.data["observed"].to_list() == table["observed"].to_list()
    plot.data.write_csv(tmp_path / "reliability.csv")
    again = figures.remake("reliability", tmp_path / "reliability.csv", columns=columns)
    assert again.render("png", dpi=60) == plot.render("png", dpi=60)
    assert "no texts" in figures.reliability(table.clear(), columns=columns).caption
    with pytest.raises(InputError, match="lacks"):
        figures.reliability(pl.DataFrame({"bin": [1]}))


class OnAnyArray(LabelledAxis):
    """Give the checks an axis of as many features as they bring."""

    def __init__(self, axis=None, nested=False, random_state=0):
        super().__init__(axis, nested=nested, random_state=random_state)

    def fit(self, X, y=None, documents=None):
        shape = np.asarray(X).shape if not hasattr(X, "shape") else X.shape
        width = shape[1] if len(shape) == 2 else 2
        given, self.axis = self.axis, make_axis(max(width, 1))
        try:
            return super().fit(X, y, documents)
        finally:
            self.made_, self.axis = self.axis, given

    def _log_odds(self, X, extra=None):
        given, self.axis = self.axis, getattr(self, "made_", None)
        try:
            return super()._log_odds(X, extra)
        finally:
            self.axis = given


def test_it_is_a_scikit_learn_estimator(axis) -> None:
    copy = clone(LabelledAxis(axis, positive="yes"))
    assert copy.axis is axis and copy.positive == "yes"
    reasons = {"check_classifiers_train": "wants the likelier of two classes, where the threshold serves macro-F1"}
    results = check_estimator(OnAnyArray(), expected_failed_checks=reasons, on_fail=None, on_skip=None)
    failed = [f"{r['check_name']}: {r['exception']!r}" for r in results if r["status"] == "failed"]
    assert not failed, "\n".join(failed)
