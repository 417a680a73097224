"""What the page on one's own corpus says to write is what the package reads."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import yaml

from research.corpus import read_corpus
from research.study import load_study
from tests.docs.pages import blocks_of

TEXT = "The dockers stopped work on Monday, and the harbour stayed closed for the rest of the week, officials said."


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the page's files and made-up texts of the names it uses."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    for name in ("a1_herald-strike", "a2_courier-talks"):
        (tmp_path / f"texts/{name}.txt").write_text(f"{TEXT}\n\nThe {name} wrote so, and nobody said otherwise then.\n")
    for block in blocks_of("own_corpus.md"):
        first = block.code.splitlines()[0]
        (tmp_path / (first.removeprefix("# ") if first.startswith("# ") else "table.yaml")).write_text(block.code)
    return tmp_path


def test_a_folder_of_texts(written: Path) -> None:
    study = load_study(written / "study.yaml")
    corpus = read_corpus(
        study.pattern(study.values.corpus.files), metadata=study.path(str(study.values.corpus.metadata))
    )
    assert corpus.documents.select("document_id", "outlet", "title").rows() == [
        ("a1", "Herald", "The strike begins"),
        ("a2", "Courier", "Talks resume"),
    ]


def test_a_database_s_export(written: Path) -> None:
    table = yaml.safe_load((written / "table.yaml").read_text())["corpus"]
    columns = {table["text"]: [TEXT], table["id_column"]: ["4711"]}
    columns |= {
        theirs: [f"the {ours}" if ours != "date" else "5 December 2025"] for ours, theirs in table["columns"].items()
    }
    pl.DataFrame(columns).write_csv(written / table["files"])
    (written / "whole.yaml").write_text(
        yaml.safe_dump({"name": "whole", "themes": {"codebook": None}, "corpus": table})
    )
    given = load_study(written / "whole.yaml").values.corpus
    corpus = read_corpus(
        given.files, text=given.text, id_column=given.id_column, columns=given.columns, date_format=given.date_format
    )
    row = corpus.documents.row(0, named=True)
    assert (row["document_id"], row["outlet"], row["date"]) == ("4711", "the outlet", "2025-12-05")
    assert (row["title"], row["url"]) == ("the title", "the url")
