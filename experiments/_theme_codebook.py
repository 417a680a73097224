"""How well a codebook's themes match people's labels: the bills' topics, and the five documents' themes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments._peer_runs import Texts
from experiments._theme_corpora import Corpora
from research.errors import InputError
from research.inference import gold_labels
from research.study import analyse, load_study
from research.themes import Codebook, CodebookTheme, ThemeModel, mean_average_precision

__all__ = ["bills_codebook", "seeds_codebook", "supervised"]

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]


def bills_codebook(corpora: Corpora, book: Codebook) -> list[Row]:
    """Give the accuracy of a codebook of the bills' topics, from names alone to the whole codebook.

    Raises
    ------
    InputError
        If a topic of the bills is no label of the codebook.
    """
    corpus = corpora.read("congress_bills")
    gold = [str(topic) for topic in corpus.gold]
    labels = [theme.label for theme in book.themes]
    if missing := sorted(set(gold) - set(labels)):
        raise InputError(f"the codebook {book.name} has no theme labelled {missing[0]!r}, which the bills have")
    embeddings = corpora.encoder.encode(list(corpus.texts), progress=corpora.progress)
    vectors = np.asarray(embeddings.vectors, dtype=np.float64)
    names, definitions = (
        np.asarray(corpora.encoder.encode(texts).vectors, dtype=np.float64)
        for texts in (labels, [theme.definition for theme in book.themes])
    )

    def row(method: str, found: Sequence[int], kind: str) -> Row:
        hits = int(sum(labels[k] == truth for k, truth in zip(found, gold, strict=True) if k >= 0))
        return _row("congress_bills", method, kind, "accuracy of the first theme", hits / len(gold), len(gold))

    rows = [
        row("nearest topic name", _nearest(vectors, names), "baseline"),
        row("nearest topic name, both sides centred", _nearest(_centred(vectors), _centred(names)), "baseline"),
        row("nearest definition, both sides centred", _nearest(_centred(vectors), _centred(definitions)), "baseline"),
    ]
    bare = replace(book, themes=tuple(CodebookTheme(t.name, t.label, t.label) for t in book.themes))
    defined = replace(book, themes=tuple(CodebookTheme(t.name, t.label, t.definition) for t in book.themes))
    for method, each in (
        ("theme model, topic names", bare),
        ("theme model, names and definitions", defined),
        ("theme model, definitions and anchors", book),
    ):
        model = ThemeModel(each.encode(corpora.encoder), discovery="none", n_resamples=0).fit(embeddings)
        rows.append(row(method, np.argmax(model.decision_function(embeddings), axis=1).tolist(), "ours"))
    rows.append(supervised(corpus, 5, 0))
    return rows


def supervised(corpus: Texts, n_folds: int, seed: int) -> Row:
    """Give the accuracy of logistic regression on the vectors, out of fold: what labels of all other texts can do.

    Folds keep the labels' shares, classes weigh the same and C is 10: of C in 1 to 100, weighted or not, with such
    folds or plain ones, nothing did better on the bills (.61 to .68).
    """
    import warnings

    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    gold = np.array([str(label) for label in corpus.gold])
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=2000)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        found = cross_val_predict(model, corpus.vectors.astype(np.float64), gold, cv=folds)
    method = f"logistic regression on the labels, {n_folds}-fold"
    return _row(
        corpus.name, method, "supervised", "accuracy of the first theme", float(np.mean(found == gold)), len(gold)
    )


def seeds_codebook(corpora: Corpora, progress: Progress) -> tuple[list[Row], dict[str, str]]:
    """Give how well the study's codebook matches the coders, and the hashes of what was read."""
    analysis = analyse(load_study(corpora.study), progress=progress, cache=corpora.cache)
    model = analysis.models.themes
    book = model.codebook
    if book is None:
        raise InputError(f"{corpora.study}: the study has no codebook, so there is nothing to judge")
    table = analysis.tables["paragraphs"]
    place = {name: row for row, name in enumerate(table["paragraph_id"])}
    gold = [(place[label["id"]], set(label["themes"]) - {"none"}) for label in gold_labels(corpora.coders())]
    gold = [each for each in gold if each[1]]
    rows_of = [row for row, _ in gold]
    truth = [themes for _, themes in gold]
    embeddings = analysis.paragraphs.embeddings
    first = table["theme"].gather(rows_of).to_list()

    def two(
        method: str, kind: str, found: Sequence[Any], scores: NDArray[np.float64], names: Sequence[str]
    ) -> list[Row]:
        hits = sum(theme in themes for theme, themes in zip(found, truth, strict=True))
        precision = mean_average_precision(scores, truth, names)
        return [
            _row("seeds", method, kind, "first theme among the gold themes", hits / len(truth), len(truth)),
            _row("seeds", method, kind, "mean average precision over themes", precision, len(truth)),
        ]

    assert book.anchor_vectors is not None and book.anchor_theme is not None
    sentences = embeddings.sentences
    cosines = _centred(sentences.vectors.astype(np.float64)) @ _centred(book.anchor_vectors.astype(np.float64)).T
    plain = np.full((len(embeddings), len(book.themes)), -1.0)
    for theme in range(len(book.themes)):
        np.maximum.at(plain[:, theme], sentences.paragraph, cosines[:, book.anchor_theme == theme].max(axis=1))
    plain = plain[rows_of]
    nearest = [book.names[k] for k in np.argmax(plain, axis=1)]
    scores = model.decision_function(embeddings)[rows_of]
    rows = two("nearest anchor of the strongest sentence, centred", "baseline", nearest, plain, book.names)
    rows += two("theme model, definitions and anchors", "ours", first, scores, list(model.themes_))
    return rows, analysis.inputs()


def _row(corpus: str, method: str, kind: str, measure: str, value: float, n: int) -> Row:
    return {"corpus": corpus, "method": method, "kind": kind, "measure": measure, "value": float(value), "n": n}


def _centred(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = vectors - vectors.mean(axis=0)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True))


def _nearest(vectors: NDArray[np.float64], anchors: NDArray[np.float64]) -> list[int]:
    return [int(k) for k in np.argmax(np.round(vectors @ anchors.T, 9), axis=1)]
