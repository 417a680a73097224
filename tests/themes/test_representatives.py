from __future__ import annotations

import numpy as np
import pytest

from research.errors import InputError
from research.themes._geometry import unit
from research.themes._representatives import representatives


@pytest.fixture
def crowd() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(200, 8)) + 2 * np.eye(8)[0])
    return vectors, vectors @ vectors.mean(axis=0)


def test_the_strongest_comes_first_and_none_is_a_copy(crowd) -> None:
    vectors, scores = crowd
    vectors = np.vstack([vectors, vectors, unit(vectors + 0.01)])
    scores = np.tile(scores, 3)
    found = representatives(vectors, scores, n=6)
    assert len(found) == 6 and scores[found[0]] == scores.max()
    cosines = vectors[found] @ vectors[found].T
    assert cosines[~np.eye(6, dtype=bool)].max() <= 0.95


def test_marginal_relevance_picks_other_directions_than_scores_alone(crowd) -> None:
    vectors, scores = crowd

    def spread(rows: list[int]) -> float:
        return float((vectors[rows] @ vectors[rows].T)[~np.eye(len(rows), dtype=bool)].mean())

    central = representatives(vectors, scores, n=4, relevance=1.0)
    mixed = representatives(vectors, scores, n=4, relevance=0.3)
    assert central == np.argsort(-scores)[:4].tolist()
    assert spread(mixed) < spread(central) and np.isin(mixed, np.argsort(-scores)[:50]).all()


def test_the_formula() -> None:
    vectors = unit(np.array([[1.0, 0.0], [0.9, 0.4], [0.6, 0.8], [0.0, 1.0]]))
    scores = np.array([1.0, 0.9, 0.6, 0.0])
    gain = 0.6 * scores - 0.4 * vectors @ vectors[0]
    assert representatives(vectors, scores, n=2) == [0, int(np.argmax(np.where(np.arange(4) > 0, gain, -9)))]


def test_several_documents_are_preferred() -> None:
    vectors = unit(np.eye(4) + 0.5)
    scores = np.array([4.0, 3.0, 2.0, 1.0])
    assert representatives(vectors, scores, n=3, documents=["a", "a", "a", "b"]) == [0, 3, 1]
    assert representatives(vectors, scores, n=2, documents=["a", "a", "a", "a"]) == [0, 1]


def test_only_candidates_and_as_many_as_there_are(crowd) -> None:
    vectors, scores = crowd
    rows = np.array([5, 17, 60])
    assert set(representatives(vectors, scores, rows, n=3)) <= set(rows.tolist())
    assert representatives(vectors, scores, np.array([], dtype=np.int64)) == []
    assert representatives(np.tile(vectors[:1], (9, 1)), np.ones(9)) == [0]
    assert len(representatives(np.zeros((5, 3)), np.ones(5))) == 1  # alike, though their cosine is 0


def test_the_order_of_rows_does_not_matter(crowd) -> None:
    vectors, _ = crowd
    vectors = np.vstack([vectors, vectors[:50]])
    scores = np.round(vectors[:, 0], 1)  # many ties
    documents = [f"d{k % 7}" for k in range(len(vectors))]
    order = np.random.default_rng(3).permutation(len(vectors))
    for owners in (None, documents):
        turned = None if owners is None else [owners[k] for k in order]
        found = representatives(vectors, scores, n=5, documents=owners)
        again = representatives(vectors[order], scores[order], n=5, documents=turned)
        assert np.array_equal(vectors[found], vectors[order][again])
        if owners is not None and turned is not None:
            assert [owners[k] for k in found] == [turned[k] for k in again]


@pytest.mark.parametrize("options", [{"n": 0}, {"n": True}, {"relevance": 1.2}, {"relevance": -0.1}])
def test_bounds(options: dict[str, float]) -> None:
    with pytest.raises(InputError, match="must be"):
        representatives(np.eye(2), np.ones(2), **options)  # type: ignore[arg-type]
