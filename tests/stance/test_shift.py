"""What labels of a corpus may move of a scorer that other texts taught, and when they move nothing."""

from __future__ import annotations

import numpy as np
import pytest

from research.stance._poles import Cases, memberships, stance_shares
from research.stance._shift import shift_by_labels, shifted

# Favor from +.5 on the first score less the second on, against from -.5 on.
TABLE = np.array([[-6.0, 6.0, -3.0], [0.0, 0.0, 0.0], [6.0, -6.0, -3.0]])


def corpus(n: int, seed: int, cut: float = 0.5, noise: float = 0.25) -> tuple[Cases, np.ndarray]:
    """Give cases whose coders call favor or against from a cut on, with what the poles say of them."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, 8)) / 2
    far = 1.6 * X[:, 0]
    before = np.stack([np.maximum(far, 0), np.maximum(-far, 0)], axis=1)
    seen = far + noise * generator.normal(size=n)
    y = np.where(seen > cut, 1.0, np.where(seen < -cut, -1.0, 0.0))
    return Cases(X, y, [f"labels {row // 2}" for row in range(n)], np.ones(n), np.ones(n)), before


def macro_recall(shares: np.ndarray, y: np.ndarray) -> float:
    label = shares.argmax(axis=1) - 1
    return float(np.mean([(label == each)[y == each].mean() for each in np.unique(y)]))


def move(cases: Cases, before: np.ndarray):
    return shift_by_labels(cases, before, TABLE, 2.0, 0)


def test_labels_that_say_what_the_scorer_says_leave_its_poles() -> None:
    poles = [move(*corpus(n, seed)).penalty for n in (8, 16, 32, 64) for seed in range(8)]
    assert sum(penalty is not None for penalty in poles) <= 2


def test_a_few_labels_do_no_harm_to_speak_of() -> None:
    rest, before = corpus(2000, 99)
    plain = macro_recall(stance_shares(before, TABLE), rest.y)
    for n in (8, 16, 32, 64):
        tables = [found.table for found in (move(*corpus(n, seed)) for seed in range(20)) if found.penalty is None]
        assert len(tables) > 15
        assert np.mean([macro_recall(stance_shares(before, table), rest.y) for table in tables]) > plain - 0.02


def test_coders_who_see_a_stance_less_often_move_the_shares() -> None:
    strict, before = corpus(240, 1, cut=1.1)
    table = shifted(TABLE, before, strict.y, strict.judges, 2.0)
    assert (table[:, :2] == TABLE[:, :2]).all() and (table[[0, 2], 2] < TABLE[[0, 2], 2] - 0.5).all()
    rest, there = corpus(2000, 2, cut=1.1)
    plain = macro_recall(stance_shares(there, TABLE), rest.y)
    assert macro_recall(stance_shares(there, table), rest.y) > plain + 0.015
    found = move(strict, before)
    assert found.moved and found.out_of_fold.sum(axis=1) == pytest.approx(1.0)
    assert macro_recall(found.out_of_fold, strict.y) > macro_recall(stance_shares(before, TABLE), strict.y) + 0.05


def test_what_the_poles_do_not_see_moves_them() -> None:
    cases, before = corpus(240, 3)
    hidden = np.random.default_rng(4).normal(size=240)
    other = Cases(
        np.column_stack([cases.X, hidden]), np.sign(hidden.round()), cases.groups, cases.weights, cases.judges
    )
    found = move(other, before)
    assert found.penalty is not None and found.moved
    assert macro_recall(found.out_of_fold, other.y) > macro_recall(stance_shares(before, TABLE), other.y) + 0.2


@pytest.mark.parametrize("what", ["one stance", "one document", "no judge"])
def test_what_proves_nothing_moves_nothing(what: str) -> None:
    cases, before = corpus(40, 5, cut=1.1)
    y = np.zeros(40) if what == "one stance" else cases.y
    groups = ["labels 0"] * 40 if what == "one document" else cases.groups
    judges = np.zeros(40) if what == "no judge" else cases.judges
    found = move(Cases(cases.X, y, groups, cases.weights, judges), before)
    assert not found.moved and found.penalty is None and np.array_equal(found.table, TABLE)
    assert np.array_equal(found.out_of_fold, stance_shares(before, TABLE))


def test_the_shift_is_the_least_of_its_loss() -> None:
    cases, before = corpus(60, 6, cut=1.0)
    table = shifted(TABLE, before, cases.y, cases.judges, 2.0)
    member = memberships(cases.y)
    weights = member * (np.array([1.0, 2.0, 1.0]) / 4 / member.sum(axis=0)) * 60

    def loss(by: np.ndarray) -> float:
        moved = TABLE.copy()
        moved[[0, 2], 2] += by
        return float(-(weights * np.log(stance_shares(before, moved))).sum() + 16 * by @ by)

    by = table[[0, 2], 2] - TABLE[[0, 2], 2]
    assert all(loss(by) < loss(by + step) for step in 0.01 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]))
