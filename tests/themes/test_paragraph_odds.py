from __future__ import annotations

import numpy as np
import pytest

from research.themes._paragraph_odds import NOT_COUNTED, ParagraphOdds, best_cut, pool


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def test_pooling_averages_odds() -> None:
    odds = np.array([[1.0, 4.0], [3.0, 2.0], [5.0, 6.0]])
    np.testing.assert_allclose(pool(np.log(odds), np.array([0, 2])), np.log([[2.0, 3.0], [5.0, 6.0]]))


def test_a_theme_excluded_everywhere_stays_out() -> None:
    log_odds = np.array([[NOT_COUNTED, NOT_COUNTED], [NOT_COUNTED, 1.0]])
    pooled = pool(log_odds, np.array([0]))
    assert pooled[0, 0] == NOT_COUNTED and abs(pooled[0, 1] - (1 - np.log(2))) < 1e-9
    assert ParagraphOdds(5.0, 0.1).log_odds(pooled)[0, 0] == NOT_COUNTED


def made(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    theme = np.repeat(np.arange(4), n // 4)
    own = rng.normal(-4, 1, size=(n, 4))
    own[np.arange(n), theme] = rng.normal(2, 1, size=n)
    return own, theme, rng.normal(-2.5, 1, size=(n, 3))


@pytest.mark.parametrize("outside", [0.0, 0.5, 0.9])
def test_the_corpus_says_how_much_is_outside(outside: float) -> None:
    rng = np.random.default_rng(0)
    own, theme, strangers = made(400, rng)
    n = round(400 * outside)
    others = np.column_stack([made(400, rng)[2], rng.normal(-2.5, 1, size=400)])
    corpus = np.vstack([made(400, rng)[0][rng.permutation(400)[: 400 - n]], others[:n]])
    fitted = ParagraphOdds.fit(own, theme, strangers, corpus)
    assert abs(fitted.outside - outside) < 0.12


def test_paragraphs_of_two_themes_reach_both() -> None:
    rng = np.random.default_rng(1)
    own, theme, strangers = made(400, rng)
    new, kind, _ = made(400, rng)
    order = rng.permutation(400)
    rows = np.column_stack([np.arange(400), order])
    corpus = pool(new[rows.ravel()], np.arange(400) * 2)
    truth = np.eye(4, dtype=bool)[kind] | np.eye(4, dtype=bool)[kind[order]]
    fitted = ParagraphOdds.fit(own, theme, strangers, corpus)
    probability = sigmoid(fitted.log_odds(corpus))
    assert np.mean(probability[truth] > 0.5) > 0.9 and np.mean(probability[~truth] > 0.5) < 0.1


def test_without_texts_to_leave_out_nothing_changes() -> None:
    fitted = ParagraphOdds.fit(np.zeros((0, 3)), np.zeros(0, dtype=int), np.zeros((0, 2)), np.zeros((5, 3)))
    np.testing.assert_array_equal(fitted.log_odds(np.array([[1.0, -2.0, 0.0]])), [[1.0, -2.0, 0.0]])


def test_cut_is_that_of_the_best_expected_f1() -> None:
    rng = np.random.default_rng(2)
    log_odds = rng.normal(-1, 1.0, size=(3000, 1))
    truth = rng.random(log_odds.shape) < sigmoid(log_odds)

    def f1(cut: float) -> float:
        found = log_odds >= cut
        return 2 * np.sum(found & truth) / (found.sum() + truth.sum())

    cut = best_cut(log_odds)
    assert f1(cut) > max(f1(other) for other in np.linspace(-3, 2, 50)) - 0.01
    assert f1(cut) > f1(0.0)


def test_cut_never_takes_what_is_improbable() -> None:
    assert sigmoid(np.array(best_cut(np.full((10, 2), -5.0)))) == pytest.approx(0.25)
    assert sigmoid(np.array(best_cut(np.full((10, 2), 9.0)))) == pytest.approx(0.5)
