"""The networks that stand for the poles where there are many labels: when they are taken, and what they keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from research._networks import Networks, resampled_counts
from research._taught import read_taught, write_taught
from research.errors import InputError
from research.stance import StanceScorer
from research.stance._networks import train_networks
from research.stance._pole_model import PoleModel
from research.stance._poles import Cases, calibrate, stance_shares

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


def anchored(n_bootstrap: int, n_networks: int = 6) -> StanceScorer:
    """Give a scorer that knows a few clear cases."""
    few = np.repeat([[1.0, 1.0, 1.0, 0.0], [-1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]], COPIES, axis=1)
    return StanceScorer(n_bootstrap, n_networks=n_networks).fit(
        np.tile(few, (4, 1)), np.tile([1, -1, 0], 4), np.repeat(range(4), 3)
    )


X, Y = crossed(N, 0)
GROUPS = np.repeat(np.arange(N // 4), 4)


@pytest.fixture(scope="module")
def learned() -> StanceScorer:
    start = anchored(40)
    return start.learn(X, Y, GROUPS)


def test_networks_see_what_no_straight_line_can(learned) -> None:
    new, truth = crossed(600, 1)
    label = learned.predict_shares(new).argmax(axis=1) - 1
    assert len(learned.poles_.networks.inner) == 6 and not learned.poles_.weights.any() and learned.penalty_ is None
    assert (label == truth).mean() > 0.8  # the best guess without the product of the two is right for .5
    assert ((learned.out_of_fold_.argmax(axis=1) - 1) == Y).mean() == pytest.approx((label == truth).mean(), abs=0.08)
    assert learned.macro_recall_ > 0.75


def test_labels_of_few_documents_train_no_networks() -> None:
    """Whoever else is left out, the anchors' subjects or nobody: each network would have seen all that is judged."""
    start = anchored(4)
    assert start.learn(X, Y, np.repeat(range(29), -(-N // 29))[:N]).penalty_ is not None


@pytest.mark.parametrize(("n_networks", "n"), [(6, 992), (0, N)])  # with twelve anchors more than a thousand cases
def test_few_labels_stay_with_ridge_and_so_does_who_asks_for_no_networks(n_networks: int, n: int) -> None:
    start = anchored(2, n_networks).learn(X[:n], Y[:n], GROUPS[:n])
    assert len(start.poles_.networks.inner) == 0 and start.poles_.weights.any() and start.penalty_ > 0
    assert start.poles_.draw_weights.shape == (2, 2, 4 * COPIES)


def test_what_was_made_does_not_count_among_the_thousand() -> None:
    start = anchored(2).learn(X, Y, GROUPS, judge_weight=np.arange(N) < 900)
    assert len(start.poles_.networks.inner) == 0


def test_a_row_has_the_same_bits_alone_and_among_others(learned) -> None:
    alone = np.vstack([learned.predict_shares(X[row : row + 1]) for row in range(5)])
    assert np.array_equal(alone, learned.predict_shares(X)[:5])
    assert np.array_equal(learned.predict_draws(X[3:4])[:, 0], learned.predict_draws(X)[:, 3])


def test_draws_are_centred_on_the_score_and_spread_as_the_networks_do(learned) -> None:
    draws = learned.predict_draws(X[:200])
    assert draws.shape == (40, 200) and not np.array_equal(draws[0], draws[1])
    scores, drawn = learned.poles_.scores_and_draws(X[:200], 4000, 0)
    each = learned.poles_.of_networks(X[:200])
    assert scores == pytest.approx(each.mean(axis=0)) and scores == pytest.approx(learned.poles_.scores(X[:200]))
    assert drawn.mean(axis=2) == pytest.approx(scores, abs=0.02)
    assert drawn.var(axis=2).sum() == pytest.approx(each.var(axis=0, ddof=1).sum(), rel=0.05)
    together = ((drawn[:, 0] - scores[:, :1]) * (drawn[:, 1] - scores[:, 1:])).mean(axis=1)
    expected = [np.cov(each[:, row, 0], each[:, row, 1])[0, 1] for row in range(200)]
    assert np.corrcoef(together, expected)[0, 1] > 0.99  # what moves one pole moves the other


def test_one_network_alone_has_no_spread(learned) -> None:
    nets = learned.poles_.networks
    one = PoleModel.from_networks(
        Networks(nets.inner[:1], nets.inner_intercepts[:1], nets.outer[:1], nets.outer_intercepts[:1])
    )
    scores, drawn = one.scores_and_draws(X[:5], 3, 0)
    assert np.array_equal(drawn, np.repeat(scores[:, :, None], 3, axis=2))


def test_one_network_or_fewer_than_none_is_refused() -> None:
    for n, said in ((1, "give 0, or 2 and more"), (-1, "a whole number of at least 0"), (2.5, "a whole number")):
        with pytest.raises(InputError, match=rf"`n_networks` is {n}; .*{said}"):
            anchored(2, n)


def test_the_bits_do_not_depend_on_the_number_of_threads() -> None:
    cases = Cases(X[:300], Y[:300].astype(float), list(map(str, GROUPS[:300])), np.ones(300), np.ones(300))
    found, threads = [], torch.get_num_threads()
    try:
        for n in (1, 2):
            torch.set_num_threads(n)
            found.append(train_networks(cases, 2, 0)[0].networks.inner)
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(*found)


def test_nothing_depends_on_the_order_of_the_labels(learned) -> None:
    order = np.random.default_rng(5).permutation(N)
    start = anchored(40).learn(X[order], Y[order], GROUPS[order])
    for name, array in learned.to_state()[0].items():
        assert np.array_equal(array, start.to_state()[0][name]), name
    assert np.array_equal(learned.out_of_fold_[order], start.out_of_fold_)


def test_training_leaves_the_random_numbers_of_others_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    threads = torch.get_num_threads()
    train_networks(
        Cases(X[:200], Y[:200].astype(float), list(map(str, GROUPS[:200])), np.ones(200), np.ones(200)), 2, 0
    )
    assert torch.equal(torch.rand(2), expected) and torch.get_num_threads() == threads


def test_a_saved_scorer_predicts_the_same_bits_and_learns_on(learned) -> None:
    loaded = StanceScorer.from_state(*learned.to_state())
    assert np.array_equal(loaded.predict_draws(X[:9]), learned.predict_draws(X[:9]))
    assert np.array_equal(loaded.predict_shares(X), learned.predict_shares(X))
    # What it learns now is a straight line's difference to the networks.
    new, truth = crossed(90, 3)
    before = loaded.predict(new)
    loaded.learn(new, np.sign(new[:, -1]), range(90))
    assert len(loaded.poles_.networks.inner) == 6 and loaded.poles_.weights.any() and loaded.penalty_ > 0
    assert loaded.poles_.draw_weights.shape == (40, 2, 4 * COPIES)
    assert np.corrcoef(loaded.predict(new), new[:, -1])[0, 1] > np.corrcoef(before, new[:, -1])[0, 1] + 0.2
    again = StanceScorer.from_state(*loaded.to_state())
    assert np.array_equal(again.predict_draws(X[:9]), loaded.predict_draws(X[:9]))
    # With another seed asked for, saved draws stay with the networks' draws that they were taken around.
    taken = StanceScorer(n_bootstrap=40, random_state=9)._take(again, {})
    assert np.array_equal(taken.predict_draws(X[:9]), loaded.predict_draws(X[:9]))
    # Labels of what it knows already leave it as it is.
    same = StanceScorer.from_state(*learned.to_state()).learn(new, truth, range(90))
    assert np.corrcoef(same.predict(X), learned.predict(X))[0, 1] > 0.99


def test_the_shipped_form_holds_networks_in_half_precision(learned, tmp_path) -> None:
    anchors = tmp_path / "stance.yaml"
    anchors.write_text("anchors", encoding="utf-8")
    write_taught(anchors, *learned.to_state(), {}, "some", (1,))
    taught, _ = read_taught(anchors, "some", (1,))
    assert taught.arrays["inner"].dtype == np.float16
    read = StanceScorer.from_state(taught.arrays, taught.state)
    assert np.array_equal(read.poles_.networks.inner, learned.poles_.networks.inner)
    assert read.predict(X) == pytest.approx(learned.predict(X), abs=1e-4)
    taken = StanceScorer(n_bootstrap=7)._take(read, {})
    assert taken.predict_draws(X[:3]).shape == (7, 3)


def test_every_group_is_left_out_by_some_network() -> None:
    cases = Cases(X, Y.astype(float), [str(group) for group in GROUPS], np.ones(N), np.ones(N))
    counts = resampled_counts(cases.groups, 4, np.random.default_rng(0))
    assert (counts == 0).any(axis=0).all() and counts.shape == (4, N)
    first = GROUPS == 0
    assert (counts[:, first] == counts[:, first][:, :1]).all()  # a document is drawn whole


def test_scores_out_of_bag_are_of_networks_that_did_not_see_the_case() -> None:
    # Noise has nothing to learn: whoever saw a case knows it, and out of bag nothing is known.
    generator = np.random.default_rng(2)
    noise, y = generator.normal(size=(300, 2000)), generator.choice([-1.0, 0.0, 1.0], size=300)
    cases = Cases(noise, y, [str(row) for row in range(300)], np.ones(300), np.ones(300))
    model, unseen = train_networks(cases, 6, 0)

    def hits(scores: np.ndarray) -> float:
        return float((stance_shares(scores, calibrate(scores, y, np.ones(300))).argmax(axis=1) - 1 == y).mean())

    assert hits(model.scores(noise)) > 0.9 and hits(unseen) < 0.45


def test_training_reports_its_steps() -> None:
    said = []
    cases = Cases(X[:300], Y[:300].astype(float), list(map(str, GROUPS[:300])), np.ones(300), np.ones(300))
    train_networks(cases, 2, 0, lambda *step: said.append(step))
    assert said[0] == ("networks", 1, 36) and said[-1] == ("networks", 36, 36)
