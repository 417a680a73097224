"""The networks that stand for the poles where there are many labels: when they are taken, and what they keep."""

from __future__ import annotations

import numpy as np
import pytest

from research._taught import read_taught, write_taught
from research.stance import StanceScorer
from research.stance._networks import PoleNetworks, _bags, train_networks
from research.stance._poles import Cases, calibrate, log_loss, stance_shares

N, COPIES = 1200, 150


def crossed(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give features of which no single one tells the side, only two together, and a third whether one is taken.

    As in the states of an encoder, each stands in many columns.
    """
    generator = np.random.default_rng(seed)
    first, second = generator.choice([-1, 1], size=(2, n))
    taken = generator.random(n) < 0.6
    y = np.where(taken, first * second, 0)
    X = np.repeat(np.stack([first, second, taken, np.zeros(n)], axis=1), COPIES, axis=1)
    return X + 0.5 * generator.normal(size=X.shape), y


def anchored(n_bootstrap: int) -> StanceScorer:
    """Give a scorer that knows a few clear cases."""
    few = np.repeat([[1.0, 1.0, 1.0, 0.0], [-1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]], COPIES, axis=1)
    return StanceScorer(n_bootstrap).fit(np.tile(few, (4, 1)), np.tile([1, -1, 0], 4), np.repeat(range(4), 3))


X, Y = crossed(N, 0)
GROUPS = np.repeat(np.arange(N // 4), 4)


@pytest.fixture(scope="module")
def learned() -> StanceScorer:
    start = anchored(40)
    return start.learn(X, Y, GROUPS)


def test_networks_see_what_no_straight_line_can(learned) -> None:
    new, truth = crossed(600, 1)
    label = learned.predict_shares(new).argmax(axis=1) - 1
    assert len(learned.networks_) == 12 and not learned.weights_.any()
    assert (label == truth).mean() > 0.8  # the best guess without the product of the two is right for .5
    assert ((learned.out_of_fold_.argmax(axis=1) - 1) == Y).mean() == pytest.approx((label == truth).mean(), abs=0.08)
    assert learned.macro_recall_ > 0.75


def test_few_labels_stay_with_ridge() -> None:
    start = anchored(2)
    start.learn(X[:900], Y[:900], GROUPS[:900])
    assert len(start.networks_) == 0 and start.weights_.any() and start.draw_weights_.shape == (2, 2, 4 * COPIES)


def test_where_a_straight_line_says_it_all_ridge_is_kept(monkeypatch) -> None:
    called = []

    def worse(cases, random_state, progress):
        called.append(len(cases))
        return PoleNetworks.none(X.shape[1]), np.random.default_rng(0).normal(size=(len(cases), 2))

    monkeypatch.setattr("research.stance._scorer.train_networks", worse)
    start = anchored(2)
    start.learn(X, Y, GROUPS)
    assert called == [N + 12] and len(start.networks_) == 0 and start.weights_.any()


def test_a_row_has_the_same_bits_alone_and_among_others(learned) -> None:
    alone = np.vstack([learned.predict_shares(X[row : row + 1]) for row in range(5)])
    assert np.array_equal(alone, learned.predict_shares(X)[:5])
    assert np.array_equal(learned.predict_draws(X[3:4])[:, 0], learned.predict_draws(X)[:, 3])


def test_draws_are_centred_on_the_score_and_spread_as_the_networks_do(learned) -> None:
    draws = learned.predict_draws(X[:200])
    assert draws.shape == (40, 200)
    assert np.abs(draws.mean(axis=0) - learned.predict(X[:200])).mean() < 0.1
    scores, drawn = learned._drawn(X[:200])
    each = learned.networks_.scores(X[:200])
    assert scores == pytest.approx(each.mean(axis=0))
    ratio = drawn.std(axis=2, ddof=1).mean() / each.std(axis=0, ddof=1).mean()
    assert 0.8 < ratio < 1.25


def test_nothing_depends_on_the_order_of_the_labels(learned) -> None:
    order = np.random.default_rng(5).permutation(N)
    start = anchored(40)
    start.learn(X[order], Y[order], GROUPS[order])
    for name, array in learned.to_state()[0].items():
        assert np.array_equal(array, start.to_state()[0][name]), name
    assert np.array_equal(learned.out_of_fold_[order], start.out_of_fold_)


def test_a_saved_scorer_predicts_the_same_bits_and_learns_on(learned, tmp_path) -> None:
    loaded = StanceScorer.from_state(*learned.to_state())
    assert np.array_equal(loaded.predict_draws(X[:9]), learned.predict_draws(X[:9]))
    assert np.array_equal(loaded.predict_shares(X), learned.predict_shares(X))
    # What it learns now is a straight line's difference to the networks.
    new, truth = crossed(90, 3)
    before = loaded.predict(new)
    loaded.learn(new, np.sign(new[:, -1]), range(90))
    assert len(loaded.networks_) == 12 and loaded.weights_.any() and loaded.draw_weights_.shape == (40, 2, 4 * COPIES)
    assert np.corrcoef(loaded.predict(new), new[:, -1])[0, 1] > np.corrcoef(before, new[:, -1])[0, 1] + 0.2
    again = StanceScorer.from_state(*loaded.to_state())
    assert np.array_equal(again.predict_draws(X[:9]), loaded.predict_draws(X[:9]))
    # Labels of what it knows already leave it as it is.
    same = StanceScorer.from_state(*learned.to_state()).learn(new, truth, range(90))
    assert np.corrcoef(same.predict(X), learned.predict(X))[0, 1] > 0.999


def test_the_shipped_form_holds_networks_in_half_precision(learned, tmp_path) -> None:
    anchors = tmp_path / "stance.yaml"
    anchors.write_text("anchors", encoding="utf-8")
    write_taught(anchors, *learned.to_state(), {}, "some", (1,))
    taught, _ = read_taught(anchors, "some", (1,))
    assert taught.arrays["inner"].dtype == np.float16
    read = StanceScorer.from_state(taught.arrays, taught.state)
    assert np.array_equal(read.networks_.inner, learned.networks_.inner)
    assert read.predict(X) == pytest.approx(learned.predict(X), abs=1e-5)
    taken = StanceScorer(n_bootstrap=7)._take(read, {})
    assert taken.predict_draws(X[:3]).shape == (7, 3)


def test_every_group_is_left_out_by_some_network() -> None:
    cases = Cases(X, Y.astype(float), [str(group) for group in GROUPS], np.ones(N))
    counts = _bags(cases, np.random.default_rng(0))
    assert (counts == 0).any(axis=0).all() and counts.shape == (12, N)
    first = GROUPS == 0
    assert (counts[:, first] == counts[:, first][:, :1]).all()  # a document is drawn whole


def test_scores_out_of_bag_are_of_networks_that_did_not_see_the_case() -> None:
    # Noise has nothing to learn: whoever saw a case knows it, and out of bag nothing is known.
    generator = np.random.default_rng(2)
    noise, y = generator.normal(size=(300, 2000)), generator.choice([-1.0, 0.0, 1.0], size=300)
    cases = Cases(noise, y, [str(row) for row in range(300)], np.ones(300))
    networks, unseen = train_networks(cases, 0)
    seen = networks.scores(noise).mean(axis=0)
    assert log_loss(seen, y, np.ones(300)) < 0.9 < log_loss(unseen, y, np.ones(300))
    label = stance_shares(unseen, calibrate(unseen, y, np.ones(300))).argmax(axis=1) - 1
    assert (label == y).mean() < 0.45


def test_training_reports_its_steps() -> None:
    said = []
    cases = Cases(X[:300], Y[:300].astype(float), [str(group) for group in GROUPS[:300]], np.ones(300))
    train_networks(cases, 0, lambda *step: said.append(step))
    assert said[0] == ("networks", 1, 36) and said[-1] == ("networks", 36, 36)
