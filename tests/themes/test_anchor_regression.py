from __future__ import annotations

import numpy as np

from research.themes._anchor_regression import ANCHOR, DEFINITION, LABEL, PHRASE, TITLED, leave_out, nearest, ridge
from research.themes._geometry import unit


def by_hand(anchors, theme, n_themes, target):
    """Weighted ridge regression in the primal, with the weights of the whole codebook."""
    weight = 1 / np.bincount(theme, minlength=n_themes)[theme]
    weight = weight / weight.mean()

    def fit(kept):
        a, w = anchors[kept], weight[kept]
        return np.linalg.solve((a * w[:, None]).T @ a + np.eye(a.shape[1]), (a * w[:, None]).T @ target[kept])

    return fit


def test_left_out_is_the_regression_without_the_anchor() -> None:
    rng = np.random.default_rng(0)
    anchors, theme = unit(rng.normal(size=(12, 6))), np.repeat([0, 1, 2], [3, 4, 5])
    left = leave_out(anchors, theme, np.full(12, ANCHOR), 3)
    fit = by_hand(anchors, theme, 3, np.eye(3)[theme] - 1 / 3)
    assert left.rows.tolist() == list(range(12))
    for row in range(12):
        kept = np.arange(12) != row
        near = nearest(anchors[[row]], anchors[kept], theme[kept], 3)[0]
        np.testing.assert_allclose(left.own[row], (near + left.scale * anchors[row] @ fit(kept)) / 2, atol=1e-6)


def test_strangers_are_scored_by_a_codebook_without_their_theme() -> None:
    rng = np.random.default_rng(1)
    anchors, theme = unit(rng.normal(size=(12, 6))), np.repeat([0, 1, 2], 4)
    left = leave_out(anchors, theme, np.full(12, ANCHOR), 3)
    fit = by_hand(anchors, theme, 3, np.eye(3)[theme] - 1 / 2)
    for row in range(12):
        kept, others = theme != theme[row], np.arange(3) != theme[row]
        near = nearest(anchors[[row]], anchors[kept], theme[kept], 3)[0]
        expected = (near + left.scale * anchors[row] @ fit(kept)) / 2
        np.testing.assert_allclose(left.stranger[row][others], expected[others], atol=1e-6)


def test_a_phrase_is_left_out_with_all_that_repeats_it() -> None:
    rng = np.random.default_rng(2)
    kind = np.array([LABEL, DEFINITION, PHRASE, PHRASE, TITLED, TITLED] * 2)
    theme = np.repeat([0, 1], 6)
    anchors = unit(rng.normal(size=(12, 8)))
    anchors[4] = anchors[2]  # the phrase after its label, as near as can be
    anchors[1] = anchors[2]
    left = leave_out(anchors, theme, kind, 2)
    assert left.rows.tolist() == [2, 3, 8, 9]
    fit = by_hand(anchors, theme, 2, np.eye(2)[theme] - 1 / 2)
    kept = np.setdiff1d(np.arange(12), [0, 1, 2, 4])
    expected = anchors[2] @ fit(kept)
    near = np.array([anchors[2] @ anchors[5], max(anchors[2] @ anchors[[6, 7, 10, 11]].T)])
    np.testing.assert_allclose(left.own[0], (near + left.scale * expected) / 2, atol=1e-6)


def test_a_theme_with_anchors_is_known_by_them_alone() -> None:
    kind = np.array([LABEL, DEFINITION, PHRASE, TITLED, ANCHOR, LABEL, DEFINITION, PHRASE, TITLED])
    left = leave_out(unit(np.random.default_rng(3).normal(size=(9, 5))), np.repeat([0, 1], [5, 4]), kind, 2)
    assert left.rows.tolist() == [4, 7]
    assert np.isfinite(left.own[0]).all() and left.own[1, 1] == -np.inf


def test_themes_weigh_the_same_however_many_anchors_they_have() -> None:
    anchors = unit(np.array([[1.0, 0.0], [0.0, 1.0]]))
    few = ridge(anchors, np.array([0, 1]), 2)[0]
    many = ridge(anchors[[0, 0, 0, 0, 1]], np.array([0, 0, 0, 0, 1]), 2)[0]
    np.testing.assert_allclose(many[0] / np.linalg.norm(many[0]), few[0] / np.linalg.norm(few[0]), atol=0.2)
    assert abs(many[0] @ anchors[0]) < 2 * abs(few[0] @ anchors[0])
