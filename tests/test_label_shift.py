"""Labels move an anchored scale: far where they bear it out, hardly where they do not, and never by their order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from research._label_shift import LabelShift, shift_scale
from research._scaling import AnchoredScale
from research.errors import InputError

VOICE, TOPIC = np.array([1.0, 0, 0, 0]), np.array([0, 1.0, 0, 0])


@pytest.fixture(scope="module")
def prior() -> AnchoredScale:
    """Anchors that mistake the topic for half of the voice."""
    generator = np.random.default_rng(0)
    y = np.tile([-1.0, 0.0, 1.0], 30)
    X = y[:, None] * (VOICE + TOPIC) + 0.3 * generator.normal(size=(90, 4))
    return AnchoredScale(n_bootstrap=20).fit(X, y, np.repeat(np.arange(30), 3))


def _texts(n: int, seed: int = 1):
    generator = np.random.default_rng(seed)
    y = generator.choice([-1.0, -0.5, 0.0, 0.5, 1.0], n)
    topic = generator.normal(size=n)
    X = y[:, None] * VOICE + topic[:, None] * TOPIC + 0.2 * generator.normal(size=(n, 4))
    return X, y, topic


def test_many_labels_take_the_topic_out(prior: AnchoredScale) -> None:
    X, y, _ = _texts(400)
    new, truth, topic = _texts(400, 2)
    shift = shift_scale(prior, X, y, [str(row // 2) for row in range(400)])
    before, after = prior.position(new), shift.scale.position(new)
    assert np.corrcoef(after, truth)[0, 1] > np.corrcoef(before, truth)[0, 1] + 0.1
    assert abs(np.corrcoef(after, topic)[0, 1]) < abs(np.corrcoef(before, topic)[0, 1]) / 2
    # The scale: plain texts near 0, clear cases near the ends.
    assert abs(np.median(after[truth == 0])) < 0.15
    assert np.median(after[truth == 1]) == pytest.approx(1, abs=0.25)
    assert np.median(after[truth == -1]) == pytest.approx(-1, abs=0.25)


def test_a_few_labels_hardly_move_the_order(prior: AnchoredScale) -> None:
    new, truth, _ = _texts(300, 3)
    before = spearmanr(prior.position(new), truth)[0]
    for seed in range(10):
        X, y, _ = _texts(8, 10 + seed)
        after = spearmanr(shift_scale(prior, X, y).scale.position(new), truth)[0]
        assert after > before - 0.03


@pytest.mark.parametrize("praising", [[0], [0, 1, 2, 3], []])
def test_labels_that_cannot_be_judged_leave_the_poles_where_the_anchors_put_them(
    prior: AnchoredScale, praising: list[int]
) -> None:
    """Without a pole's labels in a fold, or any, its intercept is not bounded, and its place must not follow it."""
    generator = np.random.default_rng(4)
    y = np.zeros(40)
    y[praising] = 1.0
    X = y[:, None] * VOICE + 0.2 * generator.normal(size=(40, 4))
    shift = shift_scale(prior, X, y, [str(row // 4) for row in range(40)])
    assert shift.penalties[0] == np.inf
    clear = VOICE + TOPIC + 0.2 * generator.normal(size=(300, 4))
    plain = 0.2 * generator.normal(size=(300, 4))
    for texts, wanted in ((clear, 1.0), (-clear, -1.0), (plain, 0.0)):
        assert np.median(shift.scale.position(texts)) == pytest.approx(wanted, abs=0.5)
    # Nor do draws that lack those labels.
    assert np.median(shift.scale.anchor_draws(clear).std(axis=0)) < 1.5


def test_one_document_proves_nothing(prior: AnchoredScale) -> None:
    generator = np.random.default_rng(6)
    X, y = 2 * generator.normal(size=(40, 4)), generator.choice([-1.0, 0.0, 1.0], 40)
    shift = shift_scale(prior, X, y, ["one"] * 40)
    assert shift.penalties == (np.inf, np.inf)
    assert spearmanr(shift.out_of_fold[:, 0], prior.position(X))[0] > 0.95


def test_the_order_of_the_texts_does_not_matter(prior: AnchoredScale) -> None:
    X, y, topic = _texts(60)
    groups = [f"d{row // 3}" for row in range(60)]
    order = np.random.default_rng(5).permutation(60)
    one = shift_scale(prior, X, y, groups, nuisance=topic)
    other = shift_scale(prior, X[order], y[order], [groups[row] for row in order], nuisance=topic[order])
    for name, array in one.scale.to_state()[0].items():
        assert np.array_equal(array, other.scale.to_state()[0][name]), name
    assert np.array_equal(one.out_of_fold[order], other.out_of_fold)


def test_a_nuisance_is_not_followed(prior: AnchoredScale) -> None:
    X, y, topic = _texts(200)
    shift = shift_scale(prior, X, y, nuisance=topic)
    plain = y == 0
    assert abs(np.corrcoef(shift.scale.position(X)[plain], topic[plain])[0, 1]) < 0.2
    # Not in the draws either.
    assert np.abs(shift.scale.draw_weights_ @ TOPIC).max() < np.abs(prior.draw_weights_ @ TOPIC).max() / 4


def test_each_column_of_a_nuisance_takes_a_direction_out(prior: AnchoredScale) -> None:
    X, y, topic = _texts(200)
    first = np.where(np.arange(200) < 100, topic, np.nan)
    one, two = (shift_scale(prior, X, y, nuisance=each).scale for each in (topic, np.column_stack([first, topic])))
    rank = [np.linalg.matrix_rank(scale.draw_weights_.reshape(-1, X.shape[1])) for scale in (one, two)]
    assert rank[1] == rank[0] - 1


def test_labels_narrow_what_the_draws_leave_open(prior: AnchoredScale) -> None:
    new, _, _ = _texts(50, 4)
    few, many = (shift_scale(prior, *_texts(n)[:2]).scale.anchor_draws(new).std(axis=0).mean() for n in (20, 600))
    assert many < few


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [
        ([2.0, 0.0], None, "between -1 and 1"),
        ([0.0], None, "at least 2"),
        ([0.0, 1.0], ["a"], "one group a text"),
        ([0.0, None], None, r"label 1 \(from 0\) is missing; leave"),
        (["good", "bad"], None, "a label is 'good'; labels are numbers from -1 to 1"),
    ],
)
def test_wrong_labels_are_refused(prior: AnchoredScale, y: list[float], groups: list[str] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        shift_scale(prior, np.zeros((len(y), 4)), y, groups)


@pytest.mark.parametrize(
    ("nuisance", "y", "found"),
    [
        (np.zeros(9), np.zeros(8), "shape"),
        (np.full(8, np.inf), np.zeros(8), "infinite"),
        (np.full(8, np.nan), np.zeros(8), "known of 0"),
        (np.column_stack([np.zeros(8), np.full(8, np.nan)]), np.zeros(8), "known of 0"),
        (np.zeros(8), np.ones(8), "labelled 0"),
        (np.full(8, 0.1), np.zeros(8), r"`nuisance` is 0.1 for all of the texts labelled 0 \(column 0\)"),
    ],
)
def test_a_nuisance_that_cannot_be_learned_is_refused(prior: AnchoredScale, nuisance, y, found: str) -> None:
    with pytest.raises(InputError, match=found):
        shift_scale(prior, _texts(8)[0], y, nuisance=nuisance)


N, COPIES = 1200, 60


def crossed(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give features of which two together tell the voice, as no line can; the labels; and a topic, seen as well."""
    generator = np.random.default_rng(seed)
    first, second = generator.choice([-1.0, 1.0], size=(2, n))
    spoken = generator.random(n) < 0.6
    y, topic = np.where(spoken, first * second, 0.0), generator.normal(size=n)
    X = np.repeat(np.stack([first, second, spoken, topic], axis=1), COPIES, axis=1)
    return (X + 0.5 * generator.normal(size=X.shape)) / 8, y, topic


def few_anchors(n_bootstrap: int = 12) -> AnchoredScale:
    """Give a scale that knows little of such texts."""
    X, y, _ = crossed(90, 9)
    return AnchoredScale(n_bootstrap).fit(X + 0.3 * y[:, None], y, np.arange(90))


X_CROSSED, Y_CROSSED, TOPIC_CROSSED = crossed(N, 0)
DOCUMENTS = [str(row // 3) for row in range(N)]


@pytest.fixture(scope="module")
def networks() -> LabelShift:
    return shift_scale(few_anchors(), X_CROSSED, Y_CROSSED, DOCUMENTS, nuisance=TOPIC_CROSSED)


def test_networks_are_taken_where_a_line_cannot_tell(networks) -> None:
    X, y, _ = crossed(500, 1)
    scale = networks.scale
    assert len(scale.networks_) == 32 and networks.penalties is None and not scale.weights_.any()
    position = scale.position(X)
    assert spearmanr(position, y)[0] > 0.8
    assert spearmanr(networks.out_of_fold[:, 0], Y_CROSSED)[0] == pytest.approx(spearmanr(position, y)[0], abs=0.1)
    assert [np.median(position[y == side]) for side in (-1, 0, 1)] == pytest.approx([-1, 0, 1], abs=0.3)


@pytest.mark.parametrize(
    "labels", [Y_CROSSED[:999], np.where(Y_CROSSED == -1, -0.5, Y_CROSSED), np.where(Y_CROSSED == 0, 0.5, Y_CROSSED)]
)
def test_few_labels_or_few_of_a_kind_stay_with_the_line(labels) -> None:
    n = len(labels)
    shift = shift_scale(few_anchors(2), X_CROSSED[:n], labels, DOCUMENTS[:n])
    assert len(shift.scale.networks_) == 0 and len(shift.penalties) == 2


def test_networks_that_are_no_better_leave_the_line(prior: AnchoredScale) -> None:
    X, y, _ = _texts(1200)
    shift = shift_scale(prior, X, y, [str(row // 2) for row in range(1200)])
    assert len(shift.scale.networks_) == 0 and min(shift.penalties) < np.inf


def test_neither_the_order_of_the_labels_nor_saving_changes_what_networks_say(networks) -> None:
    order = np.random.default_rng(5).permutation(N)
    other = shift_scale(
        few_anchors(),
        X_CROSSED[order],
        Y_CROSSED[order],
        [DOCUMENTS[row] for row in order],
        nuisance=TOPIC_CROSSED[order],
    )
    saved = AnchoredScale.from_state(*networks.scale.to_state())
    for scale in (other.scale, saved):
        assert np.array_equal(scale.predict_draws(X_CROSSED[:9]), networks.scale.predict_draws(X_CROSSED[:9]))
        assert np.array_equal(scale.gradient(X_CROSSED[:9]), networks.scale.gradient(X_CROSSED[:9]))
    assert np.array_equal(networks.out_of_fold[order], other.out_of_fold)


def test_networks_do_not_follow_a_nuisance() -> None:
    """Where half of the labels go with the topic, plain texts do too, unless it is taken out."""
    X, y, topic = crossed(N, 3)
    goes_with = np.where(np.random.default_rng(4).random(N) < 0.5, y, np.sign(topic) * (np.abs(topic) > 1))
    new, truth, wanted = crossed(500, 2)
    found = []
    for nuisance in (None, topic):
        scale = shift_scale(few_anchors(2), X, goes_with, DOCUMENTS, nuisance=nuisance).scale
        assert len(scale.networks_)
        found.append(abs(np.corrcoef(scale.position(new)[truth == 0], wanted[truth == 0])[0, 1]))
    assert found[0] > 0.7 and found[1] < 0.3


def test_what_cannot_teach_networks_leaves_the_line() -> None:
    one_document = shift_scale(few_anchors(2), X_CROSSED, Y_CROSSED, ["a"] * N)
    X, y, _ = crossed(90, 9)
    tiny = AnchoredScale(2).fit(1e-6 * (X + 0.3 * y[:, None]), y, np.arange(90))
    for shift in (one_document, shift_scale(tiny, 1e-6 * X_CROSSED, Y_CROSSED, DOCUMENTS)):
        assert len(shift.scale.networks_) == 0 and np.isfinite(shift.out_of_fold).all()


def test_draws_of_networks_are_around_the_score_and_have_bits_of_their_own(networks) -> None:
    draws = networks.scale.anchor_draws(X_CROSSED[:80])
    assert draws.shape == (12, 80) and draws.mean(axis=0) == pytest.approx(networks.scale.position(X_CROSSED[:80]))
    assert (draws.std(axis=0) > 0).all()
    assert np.array_equal(draws[:, 3:4], networks.scale.anchor_draws(X_CROSSED[3:4]))


def test_the_gradient_of_networks_is_that_of_the_position(networks) -> None:
    X, step = X_CROSSED[:1], 1e-3 * np.eye(X_CROSSED.shape[1])
    by_hand = (networks.scale.position(X + step) - networks.scale.position(X - step)) / 2e-3
    found = networks.scale.gradient(X)[0]
    assert np.corrcoef(found, by_hand)[0, 1] > 0.99 and np.allclose(found, by_hand, atol=0.1 * np.abs(found).max())
    assert networks.scale.gradient(X[:0]).shape == (0, X.shape[1])


def test_labels_after_networks_move_them_by_a_line(networks) -> None:
    X, _, topic = crossed(300, 4)
    shift = shift_scale(networks.scale, X, np.clip(topic, -1, 1), [str(row) for row in range(300)])
    assert len(shift.scale.networks_) == 32 and shift.scale.weights_.any() and shift.scale.draw_weights_.any()
    new, _, wanted = crossed(300, 5)
    before, after = (np.corrcoef(scale.position(new), wanted)[0, 1] for scale in (networks.scale, shift.scale))
    assert after > before + 0.3
    # Labels of what it knows already leave it as it is.
    X, y, _ = crossed(60, 6)
    same = shift_scale(networks.scale, X, y, [str(row) for row in range(60)]).scale
    assert np.corrcoef(same.position(new), networks.scale.position(new))[0, 1] > 0.97


def test_training_networks_reports_its_steps() -> None:
    said: list[tuple[str, int, int]] = []
    shift_scale(few_anchors(2), X_CROSSED, Y_CROSSED, DOCUMENTS, progress=lambda *step: said.append(step))
    assert said[0][:2] == ("networks", 1) and said[-1][1] == said[-1][2] == len(said)


def test_each_network_starts_from_a_draw_of_the_anchors_if_there_are_as_many(networks) -> None:
    """What a network starts from stands in its last hidden units, less the direction that is taken out."""
    enough = few_anchors(40)
    drawn = shift_scale(enough, X_CROSSED, Y_CROSSED, DOCUMENTS, nuisance=TOPIC_CROSSED).scale.networks_.inner
    alone = networks.scale.networks_.inner
    fit = few_anchors()
    for pole in (0, 1):
        for k in (0, 5, 11, 31):
            found = [np.corrcoef(drawn[k, -4 + 2 * pole], each[pole])[0, 1] for each in enough.draw_weights_]
            assert np.argmax(found) == k and found[k] > 0.9
            assert np.array_equal(alone[k, -4:], alone[0, -4:])
        assert np.corrcoef(alone[0, -4 + 2 * pole], fit.weights_[pole])[0, 1] > 0.9
