"""The theme model, discovery and the map; in one module because UMAP takes ten seconds to compile in each process."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_limits

from research.errors import InputError
from research.themes import Codebook, ThemeModel, map_coordinates


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
    X, labels = blobs(120, k=8)
    model = ThemeModel(n_resamples=0).fit(X)
    centroids = np.array([X[labels == k].mean(axis=0) for k in range(8)])
    far = 50 * np.linalg.svd(centroids)[2][-1]  # orthogonal to every group
    table = model.assign(np.vstack([X, far]))
    assert table["outlier"][-1] and table["theme"][-1] is not None
    assert table["outlier"][:-1].mean() < 0.15
    beside = ThemeModel(n_resamples=0).fit(np.vstack([X, far])).assign(np.vstack([X, far]))
    assert beside["outlier"][-1] and beside["theme"][-1] is not None


@pytest.mark.parametrize("n", [*range(1, 15), 20, 300])
def test_every_size_has_an_answer(n: int, encoder, codebook: Codebook, corpus) -> None:
    X, _ = blobs(n, d=96)
    for model in (ThemeModel(n_resamples=1), ThemeModel(codebook.encode(encoder), n_resamples=1)):
        table = model.fit(X).assign(X)
        assert len(table) == n and len(model.labels_) == n
        assert table["theme"].null_count() == np.sum(model.labels_ < 0)
        if n < 12 and model.codebook is None:
            assert model.notes_ == (
                f"{n} distinct paragraph{'s' * (n > 1)}; at least 12 are needed to discover themes",
            )
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
    with pytest.raises(InputError, match="row 0"):
        replace(sentences, vectors=np.full_like(sentences.vectors, np.inf))


def test_a_paragraph_without_sentences_is_its_own(fitted: ThemeModel, encoder) -> None:
    whole = encoder.encode(["Oil gas reactor refinery crude.", "oil gas reactor refinery crude"])
    table = fitted.assign(whole)
    assert table["theme"].to_list() == ["energy", "energy"]
    assert table["evidence"].to_list() == list(whole.texts)


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


def tables(model: ThemeModel, rows: np.ndarray | None = None) -> list[list[tuple]]:
    """Every table but the numbers of its rows."""
    about = model.theme_table().drop("representatives")
    return [found.rows() for found in (about, model.keyword_table(), model.hierarchy_table(), model.label_gain_table())]


@pytest.mark.parametrize("n", [60, 150])
def test_order_and_threads_change_nothing_a_reader_sees(n: int) -> None:
    X, _ = blobs(n, d=24, k=6)
    X += np.random.default_rng(5).normal(size=X.shape)
    model = ThemeModel(n_resamples=2).fit(X)
    order = np.random.default_rng(2).permutation(n)
    for threads, rows in ((1, order), (2, np.arange(n))):
        with threadpool_limits(threads):
            again = ThemeModel(n_resamples=2).fit(X[rows])
        np.testing.assert_array_equal(again.labels_, model.labels_[rows])
        assert tables(again) == tables(model) and again.themes_ == model.themes_ and again.notes_ == model.notes_
        assert again.assign(X).equals(model.assign(X))
        for count in (1, 2, 9, n):
            assert adjusted_rand_score(model.cut(count)[rows], again.cut(count)) == 1.0
    other = ThemeModel(n_resamples=2, random_state=9).fit(X)
    np.testing.assert_array_equal(other.labels_, model.labels_)


def test_order_changes_nothing_of_texts_either(encoder, corpus) -> None:
    embeddings = corpus[0]
    order = np.random.default_rng(4).permutation(len(embeddings))
    model = ThemeModel(n_resamples=2).fit(embeddings)
    again = ThemeModel(n_resamples=2).fit(embeddings.take(order))
    assert tables(again) == tables(model)
    shown, shown_again = model.theme_table()["representatives"], again.theme_table()["representatives"]
    assert [order[list(rows)].tolist() for rows in shown_again] == [list(rows) for rows in shown]


@pytest.mark.parametrize("discovery", ["auto", "hdbscan"])
def test_fit_then_predict_is_fit_predict(discovery: str) -> None:
    X, _ = blobs(80)
    X = np.vstack([X, X[:7]])
    model = ThemeModel(discovery=discovery, n_resamples=0).fit(X)
    np.testing.assert_array_equal(model.predict(X), model.labels_)
    np.testing.assert_array_equal(ThemeModel(discovery=discovery, n_resamples=0).fit_predict(X), model.labels_)
    np.testing.assert_array_equal(model.labels_[80:], model.labels_[:7])
    table = model.assign(X)
    assert [model.themes_[k] for k in model.labels_] == table["theme"].to_list()
    assert table["theme_probability"].min() >= 0 and table["theme_probability"].max() <= 1


def test_repeats_leave_the_other_rows_their_themes() -> None:
    X = np.random.default_rng(0).normal(size=(60, 24))
    once = ThemeModel(n_resamples=1).fit(X)
    again = ThemeModel(n_resamples=1).fit(np.vstack([X, X[:1].repeat(200, axis=0), 7 * X[5:9]]))
    np.testing.assert_array_equal(again.labels_[:60], once.labels_)
    assert np.unique(again.labels_[60:260]).tolist() == [once.labels_[0]]
    np.testing.assert_array_equal(again.labels_[260:], once.labels_[5:9])
    assert again.theme_table()["recovery"].equals(once.theme_table()["recovery"])


def test_a_number_of_themes_is_kept_to_or_refused() -> None:
    X, _ = blobs(80)
    for count in (2, 4, 11):
        model = ThemeModel(n_themes=count, n_resamples=0).fit(X)
        assert len(model.themes_) == count == len(set(model.labels_.tolist()))
    assert 2 <= len(ThemeModel(n_themes=1000, n_resamples=0).fit(X).themes_) <= 80
    with pytest.raises(InputError, match="n_themes is given"):
        ThemeModel(discovery="hdbscan", n_themes=4).fit(X)
    for wrong in (1, 0, 2.0, True, "4"):
        with pytest.raises(InputError, match=r"`n_themes` is .*; it must be a whole number of at least 2, or None"):
            ThemeModel(n_themes=wrong).fit(X)


def test_names_and_texts_are_not_taken_for_codebooks_and_vectors() -> None:
    X, _ = blobs(20)
    for model, rows, said in (
        (ThemeModel("putin_visit"), X, r"`codebook` is 'putin_visit'; give `Codebook\.load\('putin_visit'\)\.encode\("),
        (ThemeModel(3), X, "`codebook` is 3; give a `Codebook`"),
        (ThemeModel(), ["Rain fell.", "It rose."], r"X holds texts; give .* `encoder\.encode\(texts\)`"),
        (ThemeModel(language="english"), X, "did you mean `en`"),
    ):
        with pytest.raises(InputError, match=said):
            model.fit(rows)


def test_the_hierarchy_holds_together() -> None:
    X, _ = blobs(200, k=7)
    model = ThemeModel(n_resamples=0).fit(X)
    table = model.hierarchy_table()
    themes = table.filter(table["level"] == "theme")
    assert themes["name"].to_list() == list(model.themes_)
    assert themes["n_paragraphs"].to_list() == np.bincount(model.labels_).tolist()
    assert themes["parent"].to_list() == model.theme_table()["parent"].to_list()
    above = {level: set(table.filter(table["level"] == level)["name"]) for level in ("coarser", "theme")}
    assert above["coarser"] and set(themes["parent"]) <= above["coarser"]
    assert set(table.filter(table["level"] == "finer")["parent"]) == above["theme"]
    assert adjusted_rand_score(model.cut(7), model.labels_) == 1.0
    assert model.cut(1).max() == 0
    finest = model.cut(10**9)
    for count in (2, 3, 7, 20):
        pairs = {*zip(finest.tolist(), model.cut(count).tolist(), strict=True)}
        assert len(pairs) == finest.max() + 1 and model.cut(count).max() + 1 == count
    for wrong in (0, -1, 2.5, True, None):
        with pytest.raises(InputError, match="n_themes is"):
            model.cut(wrong)
    with pytest.raises(InputError, match="no hierarchy"):
        ThemeModel(n_resamples=0).fit(X[:5]).cut(2)


def test_cut_leaves_out_what_the_codebook_covers(fitted: ThemeModel) -> None:
    groups = fitted.cut(3)
    np.testing.assert_array_equal(groups == -1, fitted.labels_ < 2)
    assert set(groups.tolist()) == {-1, 0, 1, 2}


@pytest.mark.parametrize("n", [60, 150])
def test_a_saved_model_is_the_same_model(n: int) -> None:
    X, _ = blobs(n, k=6)
    model = ThemeModel(n_resamples=2).fit(X).name_themes(lambda theme: f"Topic of {theme.theme}")
    arrays, meta = model.to_state()
    loaded = ThemeModel.from_state(arrays, json.loads(json.dumps(meta)))
    mixed = np.vstack([X, np.random.default_rng(1).normal(size=(30, 16))])
    np.testing.assert_array_equal(loaded.predict(mixed), model.predict(mixed))
    assert loaded.decision_function(mixed).tobytes() == model.decision_function(mixed).tobytes()
    assert loaded.assign(mixed).equals(model.assign(mixed)) and tables(loaded) == tables(model)
    assert loaded.labels_.tobytes() == model.labels_.tobytes() and loaded.notes_ == model.notes_
    np.testing.assert_array_equal(loaded.cut(9), model.cut(9))
    again, meta_again = loaded.to_state()
    assert meta_again == meta and {name: array.tobytes() for name, array in again.items()} == {
        name: array.tobytes() for name, array in arrays.items()
    }


def test_a_function_names_the_themes(encoder, codebook: Codebook, corpus) -> None:
    model = ThemeModel(codebook.encode(encoder), n_resamples=0).fit(corpus[0])
    names = model.themes_
    seen = []

    def namer(theme) -> str:
        seen.append(theme)
        return f"  Topic {theme.keywords[0]} "

    assert model.name_themes(namer) is model and model.themes_ == names
    labels = model.theme_table()["label"].to_list()
    assert labels[:2] == ["Energy", "Sport"] and all(label.startswith("Topic ") for label in labels[2:])
    assert [theme.theme for theme in seen] == list(names[2:])
    assert [theme.n_paragraphs for theme in seen] == [int(np.sum(model.labels_ == k)) for k in range(2, len(names))]
    hierarchy = model.hierarchy_table()
    assert hierarchy.filter(hierarchy["level"] == "theme")["label"].to_list() == labels[2:]
    loaded = ThemeModel.from_state(*model.to_state())
    assert loaded.theme_table()["label"].to_list() == labels


@pytest.mark.parametrize("returned", [None, 3, "", " .", "the same", "Energy", b"x"])
def test_a_function_that_names_badly_is_refused_and_changes_nothing(fitted: ThemeModel, returned) -> None:
    before = tables(fitted)
    with pytest.raises(InputError, match="naming function"):
        fitted.name_themes(lambda theme: returned)
    with pytest.raises(InputError, match="naming function"):
        fitted.name_themes(returned)
    assert tables(fitted) == before


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([["energy"]] * 89 + [["enrgy"]], "'enrgy'"),
        ([["energy"]] * 89, "89 labels for 90"),
        (["energy"] * 90, "list of theme names"),
        ([3] * 90, "list of theme names"),
    ],
)
def test_impossible_labels_are_refused(encoder, codebook: Codebook, corpus, labels: list, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ThemeModel(codebook.encode(encoder)).fit(corpus[0], labels=labels)


def test_labels_need_a_codebook_and_documents_their_number(encoder, codebook: Codebook, corpus) -> None:
    with pytest.raises(InputError, match="without a codebook"):
        ThemeModel().fit(corpus[0], labels=[["energy"]] * 90)
    with pytest.raises(InputError, match="3 documents for 90"):
        ThemeModel(codebook.encode(encoder)).fit(corpus[0], documents=["a", "b", "c"])


def test_labels_report_their_gain_and_none_of_them_are_no_labels(encoder, codebook: Codebook, corpus) -> None:
    embeddings, topics = corpus
    book = codebook.encode(encoder)
    plain = ThemeModel(book, n_resamples=0).fit(embeddings)
    empty = ThemeModel(book, n_resamples=0).fit(embeddings, labels=[None] * 90)
    assert tables(empty) == tables(plain) and plain.label_gain_table().is_empty()
    np.testing.assert_array_equal(empty.decision_function(embeddings), plain.decision_function(embeddings))
    labels = [own & {"energy", "sport"} if k % 2 else None for k, own in enumerate(topics)]
    model = ThemeModel(book, n_resamples=0).fit(embeddings, labels=labels, documents=[f"a{k // 6}" for k in range(90)])
    gain = model.label_gain_table()
    assert gain["n_paragraphs"].to_list() == [45] * len(gain) and len(gain) >= 3
    assert gain["with_labels"].is_between(0, 1).all()
    arrays, meta = model.to_state()
    loaded = ThemeModel.from_state(arrays, json.loads(json.dumps(meta)))
    assert loaded.label_gain_table().equals(gain) and loaded.assign(embeddings).equals(model.assign(embeddings))


@pytest.mark.parametrize("outside", [0, 5, 11])
def test_a_codebook_that_leaves_next_to_nothing(encoder, codebook: Codebook, corpus, outside: int) -> None:
    inside = [k for k, own in enumerate(corpus[1]) if own <= {"energy", "sport"}]
    strange = [k for k, own in enumerate(corpus[1]) if own == {"space"}][:outside]
    model = ThemeModel(codebook.encode(encoder), n_resamples=1).fit(corpus[0].take([*inside, *strange]))
    assert model.themes_ == ("energy", "sport") and len(model.labels_) == len(inside) + outside
    left = int(np.sum(model.labels_ < 0))
    assert left <= outside
    counted = f"{left} distinct paragraph{'s' * (left > 1)}"
    said = f"{counted} without a theme of the codebook; at least 12 are needed to discover themes"
    assert model.notes_ == ((said,) if left else ())


def test_a_codebook_that_covers_nothing(encoder, codebook: Codebook, corpus) -> None:
    rows = [k for k, own in enumerate(corpus[1]) if not own & {"energy", "sport"}]
    model = ThemeModel(codebook.encode(encoder), n_resamples=1).fit(corpus[0].take(rows))
    assert np.mean(model.labels_ >= 2) > 0.9
    assert model.theme_table()["supported"].to_list()[:2] == [False, False]


def check_answer(model: ThemeModel, X, n: int) -> None:
    table = model.fit(X).assign(X)
    assert len(table) == n == len(model.labels_)
    np.testing.assert_array_equal(model.predict(X), model.labels_)
    assert table["theme_probability"].drop_nulls().is_between(0, 1).all()
    assert table["theme"].null_count() in (0, n) or model.codebook is not None
    assert model.themes_ or model.notes_ or model.discovery == "none"
    assert len(model.theme_table()) == len(model.themes_) == len(set(model.themes_))
    json.dumps(model.to_state()[1])


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 300),
    d=st.sampled_from([1, 2, 3, 16, 384]),
    kind=st.sampled_from(["normal", "repeats", "same", "zeros", "one-hot", "huge", "tiny", "grid", "outlier"]),
    discovery=st.sampled_from(["auto", "auto", "auto", "none"]),
    n_themes=st.sampled_from([None, None, 2, 5, 400]),
    seed=st.integers(0, 99),
)
def test_whatever_the_vectors_there_is_an_answer(n, d, kind, discovery, n_themes, seed) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    if kind == "repeats":
        X = X[rng.integers(max(1, n // 8), size=n)]
    elif kind == "same":
        X = X[:1].repeat(n, axis=0)
    elif kind == "zeros":
        X[rng.random(n) < 0.5] = 0
    elif kind == "one-hot":
        X = np.eye(d)[rng.integers(d, size=n)]
    elif kind in ("huge", "tiny"):
        X *= 1e300 if kind == "huge" else 1e-300
    elif kind == "grid":
        X = np.round(X)
    elif kind == "outlier":
        X[0] *= 1e6
        X[1:] = X[1:] * 1e-7 + 1
    check_answer(ThemeModel(discovery=discovery, n_themes=n_themes, n_resamples=1), X, n)


@pytest.mark.parametrize(("n", "d"), [(13, 4096), (120, 4096), (110, 110)])
def test_many_dimensions_have_an_answer(n: int, d: int) -> None:
    X = np.eye(d) if n == d else np.random.default_rng(0).normal(size=(n, d))
    check_answer(ThemeModel(n_resamples=1), X, n)


@settings(max_examples=6, deadline=None)
@given(
    n=st.integers(1, 60),
    d=st.sampled_from([1, 2, 8]),
    kind=st.sampled_from(["normal", "repeats", "grid"]),
    seed=st.integers(0, 9),
)
def test_umap_and_hdbscan_have_an_answer(n: int, d: int, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    if kind != "normal":
        X = X[rng.integers(max(1, n // 3), size=n)] if kind == "repeats" else np.round(X)
    model = ThemeModel(discovery="hdbscan", n_resamples=1)
    check_answer(model, X, n)
    assert model.discovered_by_ in ("hdbscan", None)


def test_umap_and_hdbscan_find_the_groups_whatever_the_order_and_the_threads() -> None:
    X, labels = blobs(120, d=24)
    order = np.random.default_rng(2).permutation(120)
    model = ThemeModel(discovery="hdbscan", n_resamples=1).fit(X)
    assert adjusted_rand_score(labels, model.labels_) > 0.95
    with threadpool_limits(2):
        again = ThemeModel(discovery="hdbscan", n_resamples=1).fit(X[order])
    np.testing.assert_array_equal(again.labels_, model.labels_[order])
    assert tables(again) == tables(model)
    with pytest.raises(InputError, match="no hierarchy"):
        model.cut(2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("discovery", ["auto", "hdbscan", "none"])
def test_numbers_that_are_none_are_refused_in_fit_and_predict(bad: float, discovery: str) -> None:
    X, _ = blobs(20)
    model = ThemeModel(discovery=discovery, n_resamples=0).fit(X)
    with pytest.raises(InputError, match="features"):
        model.predict(X[:, :5])
    X[3, 2] = bad
    for do in (ThemeModel(discovery=discovery).fit, model.predict, model.assign, model.decision_function):
        with pytest.raises(InputError, match=r"NaN|infinity"):
            do(X)


WORDS = {
    "one word each": ["oil", "goal", "nurse", "rocket", "court", "school", "tax", "storm", "farm", "music"],
    "russian": ["Нефть и газ", "Матч и гол", "Больница и врач", "Ракета и орбита", "Суд и закон."],
    "arabic": ["النفط والغاز.", "المباراة والهدف.", "المستشفى والطبيب.", "الصاروخ والمدار.", "القانون."],
    "chinese": ["石油和天然气。", "比赛和进球。", "医院和医生。"],
    "next to empty": ["", " ", ".", "…", "1", "- -", "\u200f"],
    "stop words": ["the of and", "and the", "of it"],
    "very long": ["oil " * 300, "goal " * 300],
}


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("n", [1, 14, 120])
def test_whatever_the_texts_there_is_an_answer(encoder, codebook: Codebook, kind: str, n: int) -> None:
    rng = np.random.default_rng(n)
    texts = [" ".join(rng.choice(WORDS[kind], rng.integers(1, 4 if kind != "one word each" else 2))) for _ in range(n)]
    embeddings = encoder.encode(texts)
    check_answer(ThemeModel(n_resamples=1), embeddings, n)
    check_answer(ThemeModel(codebook.encode(encoder), n_resamples=1), embeddings, n)
