from __future__ import annotations

import numpy as np
import pytest

from research.errors import InputError
from research.themes._geometry import unit
from research.themes._input import Paragraphs
from research.themes._labels import Correction, Labels, _helps, _own_errors, _recalibrate


def paragraphs(vectors: np.ndarray) -> Paragraphs:
    return Paragraphs(vectors, vectors, np.arange(len(vectors), dtype=np.int64), None, None)


def made(n: int, seed: int = 0, wrong: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three themes along three axes; of the first, the codebook takes one half for the second theme."""
    rng = np.random.default_rng(seed)
    theme = rng.integers(3, size=n)
    half = (rng.random(n) < 0.5) & (theme == 0)
    vectors = unit(np.eye(8)[np.where(half, 4, theme)] + 0.15 * rng.normal(size=(n, 8)))
    seen = np.where(half & wrong, 1, theme)
    log_odds = np.where(np.eye(3)[seen] > 0, 2.0, -2.0) + rng.normal(0, 0.5, size=(n, 3))
    return vectors, log_odds, np.eye(3, dtype=bool)[theme]


def test_labels_add_missed_themes_and_take_wrong_ones_away() -> None:
    vectors, log_odds, truth = made(120)
    fitted = Correction.fit(vectors, log_odds, Labels(paragraphs(vectors), truth))
    new, before, right = made(300, seed=1)
    after = fitted.apply(new, before)
    missed, false = (before < 0) & right, (before > 0) & ~right
    assert missed.sum() > 30 and false.sum() > 30
    assert np.mean(after[missed] > 0) > 0.9 and np.mean(after[false] < 0) > 0.9
    assert fitted.gain[0].difference > 0.1 and fitted.gain[0].low > 0


def test_a_codebook_that_is_right_stays() -> None:
    vectors, log_odds, truth = made(120, wrong=False)
    fitted = Correction.fit(vectors, log_odds * 2, Labels(paragraphs(vectors), truth))
    new, before, right = made(300, seed=1, wrong=False)
    after = fitted.apply(new, before * 2)
    assert np.mean(np.argmax(after, axis=1) == np.argmax(right, axis=1)) >= np.mean(
        np.argmax(before, axis=1) == np.argmax(right, axis=1)
    )
    assert abs(fitted.gain[0].difference) < 0.02


def test_order_leaves_no_trace() -> None:
    vectors, log_odds, truth = made(60)
    documents = tuple(f"d{k % 7}" for k in range(60))
    order = np.random.default_rng(3).permutation(60)
    one = Correction.fit(vectors, log_odds, Labels(paragraphs(vectors), truth, documents))
    other = Correction.fit(
        vectors[order],
        log_odds[order],
        Labels(paragraphs(vectors[order]), truth[order], tuple(documents[k] for k in order)),
    )
    assert one.gain == other.gain
    new, before, _ = made(50, seed=2)
    np.testing.assert_array_equal(one.apply(new, before), other.apply(new, before))
    np.testing.assert_array_equal(one.apply(new, before)[10:20], one.apply(new[10:20], before[10:20]))


def test_a_document_is_left_out_whole() -> None:
    rng = np.random.default_rng(4)
    rows, errors, group = unit(rng.normal(size=(9, 5))), rng.normal(size=(9, 2)), np.array([0, 0, 1, 1, 1, 2, 3, 3, 4])
    kernel = rows @ rows.T + 0
    inverse = np.linalg.inv(kernel + np.eye(9))
    found = errors - _own_errors(inverse, inverse @ errors, group)
    for k in range(5):
        held, rest = group == k, group != k
        dual = np.linalg.solve(kernel[np.ix_(rest, rest)] + np.eye(rest.sum()), errors[rest])
        np.testing.assert_allclose(found[held], kernel[np.ix_(held, rest)] @ dual, atol=1e-9)


def test_one_document_cannot_show_that_it_helps() -> None:
    vectors, log_odds, truth = made(40)
    fitted = Correction.fit(vectors, log_odds, Labels(paragraphs(vectors), truth, ("a",) * 40))
    assert (fitted.intercept, fitted.slope, len(fitted.rows)) == (0.0, 1.0, 0)
    assert np.isnan(fitted.gain[0].low) and fitted.gain[0].difference == 0
    assert not _helps(np.ones(4), np.zeros(4, dtype=int)) and _helps(np.ones(4), np.arange(4))


def test_recalibration_finds_slope_and_intercept() -> None:
    rng = np.random.default_rng(5)
    prior = rng.normal(-2, 3, size=(3000, 3))
    y = (rng.random(prior.shape) < 1 / (1 + np.exp(-(0.5 * prior - 1)))).astype(float)
    slope, intercept = _recalibrate(prior, y)
    assert abs(slope - 0.5) < 0.05 and abs(intercept + 1) < 0.15
    assert np.allclose(_recalibrate(prior[:0], y[:0]), (1, 0))


def test_state_survives() -> None:
    vectors, log_odds, truth = made(60)
    fitted = Correction.fit(vectors, log_odds, Labels(paragraphs(vectors), truth))
    again = Correction.from_arrays(fitted.to_arrays())
    assert again is not None and Correction.from_arrays({}) is None
    np.testing.assert_array_equal(fitted.apply(vectors, log_odds), again.apply(vectors, log_odds))


def test_rows_of_a_corpus_can_be_labelled() -> None:
    sentences = unit(np.random.default_rng(6).normal(size=(6, 4)))
    corpus = Paragraphs(sentences[[0, 2, 5]], sentences, np.array([0, 2, 5]), None, None)
    labels = Labels.of(corpus, np.array([2, 0]), np.ones((2, 3), dtype=bool))
    np.testing.assert_array_equal(labels.paragraphs.sentences, sentences[[5, 0, 1]])
    assert labels.paragraphs.starts.tolist() == [0, 1]


def test_what_does_not_fit_is_said() -> None:
    vectors, log_odds, truth = made(5)
    with pytest.raises(InputError, match="no paragraph is labelled"):
        Labels(paragraphs(vectors[:0]), truth[:0])
    with pytest.raises(InputError, match="one row for each of the 5"):
        Labels(paragraphs(vectors), truth[:4])
    with pytest.raises(InputError, match="true or false"):
        Labels(paragraphs(vectors), truth.astype(float))
    with pytest.raises(InputError, match="2 documents for 5"):
        Labels(paragraphs(vectors), truth, ("a", "b"))
    with pytest.raises(InputError, match="2 columns and the codebook has 3 themes"):
        Correction.fit(vectors, log_odds, Labels(paragraphs(vectors), truth[:, :2]))
