"""The theme model, discovery and the map; in one module because UMAP takes ten seconds to compile in each process."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from research.errors import InputError
from research.themes import Codebook, ThemeModel, map_coordinates
from research.themes._neighbors import nearest_neighbors
from research.themes._geometry import unit


def blobs(n: int, d: int = 16, k: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % k
    return rng.normal(size=(k, d))[labels] * 2 + rng.normal(size=(n, d)) * 0.6, labels


def expected_failures(estimator: ThemeModel) -> dict[str, str]:
    if estimator.discovery == "none":
        return {"check_clustering": "no codebook and no discovery: there are no themes to find"}
    return {}


@parametrize_with_checks([ThemeModel(), ThemeModel(discovery="none")], expected_failed_checks=expected_failures)
def test_scikit_learn_conventions(estimator, check) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def fitted(encoder, codebook: Codebook, corpus) -> ThemeModel:
    return ThemeModel(codebook.encode(encoder), n_resamples=3).fit(corpus[0])


def test_codebook_and_discovery_together(fitted: ThemeModel, corpus) -> None:
    embeddings, topics = corpus
    table = fitted.assign(embeddings)
    for row, own in zip(table.iter_rows(named=True), topics, strict=True):
        if own <= {"energy", "sport"}:
            assert row["theme_source"] == "codebook" and set(row["themes"].split(";")) == own
            assert row["themes"].split(";")[0] == row["theme"] and row["theme_probability"] >= 0.5
    # what is outside is discovered, mostly; a codebook of two themes lets a few strangers in
    found = {}
    for topic in ("health", "space"):
        themes = [theme for theme, own in zip(table["theme"], topics, strict=True) if own == {topic}]
        discovered = [theme for theme in themes if theme.startswith("d")]
        assert len(discovered) >= 0.75 * len(themes)
        found[topic] = set(discovered)
    assert found["health"].isdisjoint(found["space"])


def test_evidence_is_the_sentence_of_the_theme(fitted: ThemeModel, corpus, encoder) -> None:
    text = "City people people city. Oil gas reactor refinery crude. People city people."
    table = fitted.assign(encoder.encode([text]))
    assert table.row(0, named=True)["evidence"] == "Oil gas reactor refinery crude."
    assert fitted.assign(corpus[0]).get_column("evidence").null_count() == 0


def test_keywords_and_names_tell_the_themes_apart(fitted: ThemeModel) -> None:
    keywords = fitted.keyword_table()
    energy = keywords.filter(keywords["theme"] == "energy")
    assert energy["rank"].to_list() == list(range(1, len(energy) + 1))
    assert set(energy["keyword"][:5].to_list()) & {"oil", "gas", "reactor", "refinery", "pipeline", "fuel", "crude"}
    names = fitted.theme_table()["theme"].to_list()
    assert names[:2] == ["energy", "sport"] and len(set(names)) == len(names)
    assert all(len(name.split("_")) >= 3 for name in names[2:])


def test_representatives_are_members_and_no_copies(fitted: ThemeModel, corpus) -> None:
    themes = fitted.assign(corpus[0])["themes"].to_list()
    for row in fitted.theme_table().iter_rows(named=True):
        assert 1 <= len(row["representatives"]) <= 3 and row["supported"]
        assert all(row["theme"] in themes[k].split(";") for k in row["representatives"])
        vectors = corpus[0].vectors[row["representatives"]]
        assert np.all((vectors @ vectors.T)[~np.eye(len(vectors), dtype=bool)] < 0.95)
        assert 0 <= row["recovery"] <= 1


def test_an_absent_theme_is_reported_as_unsupported(encoder, wider_codebook: Codebook, corpus) -> None:
    rows = [k for k, own in enumerate(corpus[1]) if "sport" not in own]
    model = ThemeModel(wider_codebook.encode(encoder), discovery="none", n_resamples=2).fit(corpus[0].take(rows))
    table = model.theme_table()
    assert table["supported"].to_list() == [True, False, True]
    assert [len(found) > 0 for found in table["representatives"]] == [True, True, True]
    assert model.notes_ and "no theme of the codebook" in model.notes_[0]
    assert model.assign(corpus[0].take(rows))["theme"].null_count() > 0


def test_recovery_is_missing_where_no_paragraph_has_the_theme(encoder, wider_codebook: Codebook, corpus) -> None:
    rows = [k for k, own in enumerate(corpus[1]) if own == {"energy"}]
    model = ThemeModel(wider_codebook.encode(encoder), n_resamples=2).fit(corpus[0].take(rows))
    recovery = model.theme_table()["recovery"].to_list()
    assert recovery[0] > 0.5 and recovery[1:] == [None, None]


def test_order_subset_and_saved_state_change_nothing(fitted: ThemeModel, encoder, codebook, corpus) -> None:
    embeddings = corpus[0]
    table = fitted.assign(embeddings)
    order = np.random.default_rng(1).permutation(len(embeddings))
    again = clone(fitted).fit(embeddings.take(order))
    assert again.themes_ == fitted.themes_
    assert again.assign(embeddings.take(order)).equals(table[order.tolist()])
    np.testing.assert_array_equal(again.labels_, fitted.labels_[order])
    assert again.keyword_table().equals(fitted.keyword_table())
    assert again.theme_table()["recovery"].equals(fitted.theme_table()["recovery"])
    for rows in ([5], [17, 3], list(range(40))):
        assert fitted.assign(embeddings.take(rows)).equals(table[rows])
    arrays, meta = fitted.to_state()
    loaded = ThemeModel.from_state(arrays, json.loads(json.dumps(meta)))
    assert loaded.assign(embeddings).equals(table)
    assert loaded.theme_table().equals(fitted.theme_table())
    assert loaded.keyword_table().equals(fitted.keyword_table())
    assert loaded.notes_ == fitted.notes_ and loaded.get_params()["threshold"] == fitted.threshold
    assert all(array.dtype != object for array in arrays.values())


def test_discovery_finds_the_groups_and_is_order_invariant() -> None:
    X, labels = blobs(120)
    model = ThemeModel(n_resamples=3).fit(X)
    assert len(model.themes_) == 4
    assert all(len(set(labels[model.labels_ == k])) == 1 for k in range(4))
    order = np.random.default_rng(2).permutation(len(X))
    again = ThemeModel(n_resamples=3).fit(X[order])
    np.testing.assert_array_equal(again.labels_, model.labels_[order])
    assert again.theme_table()["recovery"].equals(model.theme_table()["recovery"])
    assert min(model.theme_table()["recovery"]) > 0.7
    assert model.keyword_table().is_empty()


def test_repeats_change_no_theme() -> None:
    X, _ = blobs(80)
    once = ThemeModel(n_resamples=0).fit(X)
    twice = ThemeModel(n_resamples=0).fit(np.vstack([X, X[:1].repeat(5, axis=0)]))
    assert len(set(twice.labels_[[0, *range(80, 85)]])) == 1
    assert len(once.themes_) == len(twice.themes_)


def test_a_far_paragraph_is_an_outlier_and_still_has_a_theme() -> None:
    X, _ = blobs(120)
    model = ThemeModel(n_resamples=0).fit(X)
    table = model.assign(np.vstack([X, -X.mean(axis=0) - X[:1] - X[1:2] - X[2:3] - X[3:4]]))
    assert table["outlier"][-1] and table["theme"][-1] is not None
    assert table["outlier"][:-1].mean() < 0.15


@pytest.mark.parametrize("n", [*range(1, 15), 20, 300])
def test_every_size_has_an_answer(n: int, encoder, codebook: Codebook, corpus) -> None:
    X, _ = blobs(n, d=96)
    for model in (ThemeModel(n_resamples=1), ThemeModel(codebook.encode(encoder), n_resamples=1)):
        table = model.fit(X).assign(X)
        assert len(table) == n and len(model.labels_) == n
        assert table["theme"].null_count() == np.sum(model.labels_ < 0)
        if n < 12 and model.codebook is None:
            assert model.notes_ == (f"{n} distinct paragraph(s) are there; at least 12 are needed to discover themes",)
    assert map_coordinates(X).shape == (n, 2) and np.all(np.isfinite(map_coordinates(X)))


@pytest.mark.parametrize(
    "X",
    [np.ones((40, 5)), np.arange(40.0)[:, None] - 20, np.zeros((30, 3)), np.eye(2).repeat(20, axis=0)],
    ids=["identical", "one dimension", "zeros", "two points"],
)
def test_degenerate_vectors_have_an_answer(X: np.ndarray) -> None:
    model = ThemeModel(n_resamples=1).fit(X)
    assert len(model.assign(X)) == len(X) and model.notes_
    assert np.all(np.isfinite(map_coordinates(X)))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"discovery": "kmeans"}, "discovery"),
        ({"threshold": 1.0}, "threshold"),
        ({"n_neighbors": 1}, "n_neighbors"),
        ({"min_cluster_size": 1}, "min_cluster_size"),
        ({"n_resamples": -1}, "n_resamples"),
        ({"min_support": 2.5}, "min_support"),
    ],
)
def test_impossible_parameters_are_refused(parameters: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ThemeModel(**parameters).fit(np.eye(3))


def test_unusable_input_is_refused(encoder, codebook: Codebook, corpus) -> None:
    bad = np.eye(4)
    bad[0, 0] = np.nan
    with pytest.raises(InputError, match="NaN"):
        ThemeModel().fit(bad)
    with pytest.raises(InputError, match="finite"):
        map_coordinates(bad)
    with pytest.raises(InputError, match="no vectors"):
        ThemeModel(codebook).fit(np.eye(4))
    with pytest.raises(InputError, match="96 dimensions"):
        ThemeModel(codebook.encode(encoder)).fit(np.eye(4))
    sentences = corpus[0].sentences
    broken = replace(corpus[0], sentences=replace(sentences, vectors=np.full_like(sentences.vectors, np.inf)))
    with pytest.raises(InputError, match="paragraph 0"):
        ThemeModel(codebook.encode(encoder)).fit(broken)


def test_a_paragraph_without_sentences_is_its_own(fitted: ThemeModel, encoder) -> None:
    whole = encoder.encode(["Oil gas reactor refinery crude.", "oil gas reactor refinery crude"])
    table = fitted.assign(whole)
    assert table["theme"].to_list() == ["energy", "energy"]
    assert table["evidence"].to_list() == list(whole.texts)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.integers(2, 12), st.integers(0, 1000))
def test_neighbors_are_exact(n: int, k: int, seed: int) -> None:
    rows = unit(np.random.default_rng(seed).normal(size=(n, 4)))
    k = min(k, n - 1)
    indices, cosines = nearest_neighbors(rows, k)
    true = rows @ rows.T
    np.fill_diagonal(true, -np.inf)
    assert not np.any(indices == np.arange(n)[:, None])
    np.testing.assert_array_equal(cosines, -np.sort(-true, axis=1)[:, :k])


def test_map_is_order_invariant_and_keeps_repeats_together() -> None:
    X, labels = blobs(60)
    X[7] = X[3]
    places = map_coordinates(X)
    order = np.random.default_rng(0).permutation(60)
    np.testing.assert_array_equal(map_coordinates(X[order]), places[order])
    np.testing.assert_array_equal(places[7], places[3])
    centres = np.array([places[labels == k].mean(axis=0) for k in range(4)])
    rest = np.delete(np.arange(60), 7)
    assert np.mean(np.argmin(((places[rest, None] - centres) ** 2).sum(2), axis=1) == labels[rest]) > 0.9
