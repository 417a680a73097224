"""The five documents that come with the project, against what people-like coders say each line is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from research.corpus import Corpus, read_corpus

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(str(SEEDS / "*.txt"), metadata=SEEDS / "metadata.yaml")


def test_units_agree_with_gold(corpus: Corpus) -> None:
    rows = map(json.loads, (SEEDS / "annotations" / "units.jsonl").read_text(encoding="utf-8").splitlines())
    gold = {(row["document"], row["line"]): row["kind"] for row in rows}
    found = {(d, line): kind for d, line, kind in corpus.units.select("document_id", "line", "kind").iter_rows()}
    assert found.keys() == gold.keys()
    assert {key for key, kind in found.items() if kind == "paragraph"} == {
        key for key, kind in gold.items() if kind == "paragraph"
    }
    assert sum(found[key] == kind for key, kind in gold.items()) >= 120


def test_metadata_and_repeats(corpus: Corpus) -> None:
    outlets = dict(corpus.documents.select("document_id", "outlet").iter_rows())
    assert outlets["003"] == "TDI"
    assert outlets["001"] == "unknown"
    assert "author" in corpus.documents.columns
    dates = dict(corpus.documents.select("document_id", "date").iter_rows())
    assert dates["003"] == "2025-12-12"
    printed = dict(corpus.paragraphs.select("paragraph_id", "n_printed").iter_rows())
    assert [printed[f"002:{line}"] for line in range(8)] == [1, 2, 2, 2, 2, 2, 2, 2]
    assert len(corpus.files) == 5
