"""The hashes that a manifest has of the files a study read."""

from __future__ import annotations

from pathlib import Path

import pytest

from research.study import load_study
from research.study._inputs import read_inputs
from research.study._manifest import file_hash

STUDY = """
name: small
corpus: {files: texts/*.txt, metadata: about.yaml}
themes: {codebook: book.yaml, labels: coded.csv}
framing: null
stance: null
"""
BOOK = "name: book\nlabel: Book\nthemes: [{name: talks, label: Talks, definition: Talks between ministers.}]\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"texts/{name}.txt").write_text(f"The ministers met on Friday in {name.upper()} and signed it.")
    (tmp_path / "about.yaml").write_text("a: {outlet: Herald}\n")
    (tmp_path / "book.yaml").write_text(BOOK)
    (tmp_path / "coded.csv").write_text("paragraph_id,themes\na:0,talks\n")
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path / "study.yaml"


def test_hashes_are_those_of_what_was_read(study: Path) -> None:
    expected = {
        "codebook: book": file_hash(study.with_name("book.yaml")),
        "labels: coded.csv": file_hash(study.with_name("coded.csv")),
        "metadata: about.yaml": file_hash(study.with_name("about.yaml")),
    }
    read = read_inputs(load_study(study), None)
    study.with_name("about.yaml").write_text("a: {outlet: Courier}\n")
    study.with_name("coded.csv").unlink()
    study.with_name("book.yaml").unlink()
    assert read.hashes == expected
