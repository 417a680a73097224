"""What the report says of documents and targets that are doubtful."""

from __future__ import annotations

import textwrap
from datetime import date
from types import SimpleNamespace

import polars as pl

from research import read_corpus
from research.stance import Target
from research.study._notes import corpus_notes, metadata_notes, text_notes, unheard_targets, warn_of_dates

PROSE = "The two ministers met on Monday and signed an agreement on grain exports, officials said."
STUDY = SimpleNamespace(language="en")


def frame(**columns: list[str | None]) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    return pl.DataFrame(
        {"id": [f"d{k}" for k in range(n)], "text": [f"{PROSE} It was deal {k}." for k in range(n)], **columns}
    )


def test_documents_without_an_outlet_where_others_have_one() -> None:
    corpus = read_corpus(frame(outlet=["A", *[None] * 7], date=["2025"] * 8))
    [note] = metadata_notes(corpus.documents)
    assert note.startswith("7 of 8 documents have no outlet (d1, d2, d3, d4, d5, …)")
    assert note in corpus_notes(STUDY, corpus)
    assert metadata_notes(read_corpus(frame(date=["2025", "2026"])).documents) == []


def test_documents_without_a_paragraph() -> None:
    corpus = read_corpus(pl.DataFrame({"id": ["a", "b"], "text": [PROSE, "Advertisement"]}))
    [note] = text_notes(corpus)
    assert note.startswith("1 of 2 documents has no paragraph (b)")
    assert note in corpus_notes(STUDY, corpus)


def test_paragraphs_of_many_words() -> None:
    corpus = read_corpus(pl.DataFrame({"id": ["a"], "text": [f"{PROSE}\n{f'{PROSE} ' * 30}"]}))
    [note] = text_notes(corpus)
    assert note.startswith("1 paragraph has more than 400 words (a:1)")


def test_documents_that_were_unwrapped() -> None:
    wrapped = "\n\n".join(textwrap.fill(f"{PROSE} In town number {k} nothing was said of it.", 60) for k in range(3))
    corpus = read_corpus(pl.DataFrame({"id": ["a", "b"], "text": [PROSE, wrapped]}))
    [note] = text_notes(corpus)
    assert note.startswith("The lines of 1 hard-wrapped document were joined into paragraphs (b)")


def test_targets_that_no_text_names() -> None:
    targets = [Target("mayor", "The mayor", ("Caloway",)), Target("both", "Both", (), implied_by=(("mayor",),))]
    said = "Target `mayor`: none of its aliases (Caloway) occurs in the texts."
    assert unheard_targets(targets, [PROSE]) == [said]
    assert unheard_targets(targets, [PROSE, "Caloway's plan"]) == []


def test_dates_in_the_future() -> None:
    documents = read_corpus(frame(date=["2062-03-02", "2026", "2026-03", "2026-03-03", None])).documents
    [note] = warn_of_dates(documents, date(2026, 3, 2))
    assert note == "2 documents have dates in the future (d0: 2062-03-02, d3: 2026-03-03)"
    assert warn_of_dates(documents, date(2063, 1, 1)) == []
