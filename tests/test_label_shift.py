"""Labels move an anchored scale: far where they bear it out, hardly where they do not, and never by their order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from research._label_shift import shift_scale
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
    [([2.0, 0.0], None, "between -1 and 1"), ([0.0], None, "at least 2"), ([0.0, 1.0], ["a"], "one group a text")],
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
    ],
)
def test_a_nuisance_that_cannot_be_learned_is_refused(prior: AnchoredScale, nuisance, y, found: str) -> None:
    with pytest.raises(InputError, match=found):
        shift_scale(prior, _texts(8)[0], y, nuisance=nuisance)
