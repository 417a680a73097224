"""Discovery as a whole: what is planted is found, by whatever finds it, in whatever order, sample and process."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from research.themes import _communities, _discovery
from research.themes._discovery import FEW, MINIMUM, Discovered, DiscoveredThemes, discover
from research.themes._geometry import unit


def planted(n: int, k: int, d: int = 16, noise: float = 0.6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % k
    return unit(rng.normal(size=(k, d))[labels] * 2 + rng.normal(size=(n, d)) * noise), labels


def auto(vectors: np.ndarray, **parameters) -> Discovered:
    return discover(vectors, method="auto", what="paragraphs", **parameters)


def noise(n: int, d: int = 384, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(n, d)))


@pytest.mark.parametrize("n", [60, 400])
@pytest.mark.parametrize("k", range(3, 9))
def test_planted_themes_and_their_number_are_found(n: int, k: int) -> None:
    vectors, labels = planted(n, k)
    found = auto(vectors, n_resamples=2)
    assert found.themes.n_themes == k
    assert adjusted_rand_score(labels, found.themes.assign(vectors)) > 0.95
    assert min(found.recovery) > 0.8 and found.note is None
    assert found.by == ("ward" if n < FEW else "leiden")


@pytest.mark.parametrize("n", [60, 200])
def test_themes_are_numbered_by_size(n: int) -> None:
    rng = np.random.default_rng(1)
    labels = rng.choice(4, n, p=[0.2, 0.35, 0.18, 0.27])
    vectors = unit(np.eye(8)[labels] + rng.normal(size=(n, 8)) * 0.1)
    sizes = np.bincount(auto(vectors).themes.assign(vectors))
    assert len(sizes) == 4 and np.all(np.diff(sizes) <= 0)


@pytest.mark.parametrize("n", [50, 200])
def test_noise_has_an_answer_that_says_how_little_it_supports(n: int) -> None:
    vectors = noise(n)
    found = auto(vectors, n_resamples=6)
    clear = auto(planted(n, 4)[0], n_resamples=6)
    assert np.mean(found.recovery) < 0.65 < np.mean(clear.recovery)
    firm = sum(value >= 0.5 for value in found.recovery)
    assert found.note.startswith(f"{firm} of {found.themes.n_themes} discovered themes come back when a fifth of the ")
    assert auto(vectors).recovery == [None] * found.themes.n_themes and auto(vectors).note is None


@pytest.mark.parametrize("n", [60, 200])
def test_fitted_rows_are_scored_as_if_they_were_new(n: int) -> None:
    vectors = noise(n)
    themes = auto(vectors).themes
    own = themes.assign(vectors)
    probability = 1 / (1 + np.exp(-themes.score(vectors)[np.arange(n), own]))
    by_heart = 1 / (1 + np.exp(-themes.calibration.log_odds(themes.linear.score(vectors - themes.mean))))
    assert np.median(probability) < 0.85 < 0.95 < np.median(by_heart[np.arange(n), own])
    assert np.mean(probability < 0.5) > 0.1 and by_heart[np.arange(n), own].min() > 0.5
    clear, _ = planted(n, 4, noise=0.3)
    found = auto(clear).themes
    sure = 1 / (1 + np.exp(-found.score(clear)[np.arange(n), found.assign(clear)]))
    assert sure.min() > 0.75


@pytest.mark.parametrize("n", [60, 150])
def test_order_and_threads_change_no_bit(n: int) -> None:
    vectors = unit(planted(n, 5, noise=2.0)[0])
    order = np.random.default_rng(1).permutation(n)
    found = auto(vectors, n_resamples=3)
    arrays = found.themes.to_arrays()
    for threads, rows in ((1, order), (2, np.arange(n))):
        with threadpool_limits(threads):
            again = auto(vectors[rows], n_resamples=3)
        for name, array in again.themes.to_arrays().items():
            assert array.tobytes() == arrays[name].tobytes(), name
        assert again.recovery == found.recovery and again.note == found.note
        for count in (1, 2, 7, 20):
            assert adjusted_rand_score(found.tree.cut(count)[rows], again.tree.cut(count)) == 1.0


@pytest.mark.parametrize("n", [60, 150])
def test_the_seed_touches_the_reruns_alone(n: int) -> None:
    vectors = noise(n, 24)
    a, b = auto(vectors, n_resamples=2, random_state=0), auto(vectors, n_resamples=2, random_state=1)
    assert a.recovery != b.recovery
    np.testing.assert_array_equal(a.themes.linear.weights, b.themes.linear.weights)
    np.testing.assert_array_equal(a.tree.cut(9), b.tree.cut(9))


@pytest.mark.parametrize("n", [60, 150])
def test_repeats_change_nothing_among_the_others(n: int) -> None:
    vectors = noise(n, 24)
    once = auto(vectors, n_resamples=2)
    repeated = auto(np.vstack([vectors, vectors[:1].repeat(3 * n, axis=0), vectors[5:9]]), n_resamples=2)
    np.testing.assert_array_equal(once.themes.linear.weights, repeated.themes.linear.weights)
    np.testing.assert_array_equal(once.themes.mean, repeated.themes.mean)
    np.testing.assert_array_equal(once.tree.cut(8), repeated.tree.cut(8)[:n])
    assert once.recovery == repeated.recovery


@pytest.mark.parametrize(("n", "count"), [(20, 2), (60, 7), (60, 30), (150, 2), (150, 12)])
def test_as_many_themes_as_asked_for(n: int, count: int) -> None:
    vectors, _ = planted(n, 4)
    found = auto(vectors, n_themes=count, n_resamples=1)
    assert found.themes.n_themes == count
    assert set(found.themes.assign(vectors).tolist()) == set(range(count))


@pytest.mark.parametrize("n", [15, 150])
def test_more_themes_than_rows_are_fewer(n: int) -> None:
    vectors, _ = planted(n, 4)
    found = auto(vectors, n_themes=500, n_resamples=1)
    assert 2 <= found.themes.n_themes <= n
    assert set(found.themes.assign(vectors).tolist()) == set(range(found.themes.n_themes))


@pytest.mark.parametrize("n", range(MINIMUM))
def test_too_few_rows_are_counted(n: int) -> None:
    vectors = noise(n, 4).reshape(n, 4)
    found = auto(np.vstack([vectors, vectors]), n_resamples=2)
    assert found.themes is None and found.tree is None and found.recovery == []
    assert found.note == f"{n} distinct paragraph{'s' * (n != 1)}; at least 12 are needed to discover themes"


def test_twelve_rows_are_enough_even_if_one_is_the_mean() -> None:
    triangle = np.array([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
    vectors = np.zeros((12, 6))
    vectors[:3, :2], vectors[3:7, 2:], vectors[7:11, 2:] = triangle, np.eye(4), -np.eye(4)
    for rows in (noise(12, 4), unit(vectors)):
        found = auto(rows, n_resamples=2)
        assert found.note is None or "at least 12" not in found.note
    assert auto(unit(vectors)[:11]).note == "11 distinct paragraphs; at least 12 are needed to discover themes"


def test_reruns_of_the_fewest_rows_leave_some_out() -> None:
    recovery = [value for seed in range(4) for value in auto(noise(12, seed=seed), n_resamples=5).recovery]
    assert recovery and min(recovery) < 1.0


def test_stability_is_the_share_of_reruns_that_kept_the_row() -> None:
    vectors, _ = planted(60, 4, noise=0.3)
    themes = auto(vectors, n_resamples=4).themes
    stability = themes.stability(vectors)
    np.testing.assert_array_equal(stability, 1.0)
    assert np.isnan(themes.stability(-vectors)).all()
    assert np.isnan(auto(vectors).themes.stability(vectors)).all()
    loose = auto(noise(60), n_resamples=4).themes.stability(noise(60))
    assert np.nanmin(loose) >= 0 and np.nanmean(loose) < 0.95


def test_state_comes_back_bit_by_bit() -> None:
    vectors = noise(60, 24)
    themes = auto(vectors, n_resamples=2).themes
    again = DiscoveredThemes.from_arrays(themes.to_arrays())
    mixed = np.vstack([vectors, noise(40, 24, seed=1)])
    for name in ("assign", "score", "outliers", "stability"):
        assert getattr(again, name)(mixed).tobytes() == getattr(themes, name)(mixed).tobytes(), name
    for name, array in again.to_arrays().items():
        assert array.dtype == themes.to_arrays()[name].dtype and array.tobytes() == themes.to_arrays()[name].tobytes()


def test_above_the_largest_sample_the_rest_is_assigned(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = planted(400, 4)
    order = np.random.default_rng(1).permutation(400)
    monkeypatch.setattr(_discovery, "_LARGEST", 150)
    monkeypatch.setattr(_discovery, "_LARGEST_RERUN", 100)
    monkeypatch.setattr(_discovery, "_CALIBRATED_ON", 90)
    found = auto(vectors, n_resamples=2)
    assert found.themes.n_themes == 4 and found.tree is None and found.by == "leiden"
    assert adjusted_rand_score(labels, found.themes.assign(vectors)) > 0.95
    assert len(found.themes.remembered.keys) == 150
    assert np.isnan(found.themes.stability(vectors)).sum() >= 250
    again = auto(vectors[order], n_resamples=2)
    for name, array in again.themes.to_arrays().items():
        assert array.tobytes() == found.themes.to_arrays()[name].tobytes(), name
    assert auto(noise(400), n_resamples=2).note.split(" come back ")[1].startswith("among 100 of the paragraphs")


def test_a_tree_is_made_only_where_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = planted(400, 4)
    made: list[int] = []
    tree_of = _communities._tree
    monkeypatch.setattr(_communities, "_tree", lambda graph, labels: made.append(len(labels)) or tree_of(graph, labels))
    assert auto(vectors, n_resamples=2).tree is not None and made == [400]
    made.clear()
    auto(vectors, n_resamples=2, n_themes=3)
    assert made == [400, 320, 320]
    made.clear()
    monkeypatch.setattr(_discovery, "_LARGEST", 150)
    auto(vectors, n_resamples=2)
    assert made == []
    assert auto(vectors, n_themes=3).themes.n_themes == 3 and made == [150]


def test_progress_counts_the_reruns() -> None:
    seen: list[tuple[str, int, int]] = []
    auto(noise(30, 8), n_resamples=3, progress=lambda *said: seen.append(said))
    assert [said[1:] for said in seen] == [(1, 3), (2, 3), (3, 3)]


def test_a_theme_that_keeps_no_row_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = planted(60, 3, noise=0.1)
    monkeypatch.setattr(_discovery, "find_ward_themes", lambda rows: (np.arange(len(rows)) % 30, None))
    themes = auto(vectors).themes
    assert set(themes.assign(vectors).tolist()) == set(range(themes.n_themes))
