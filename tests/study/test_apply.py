"""New texts for a finished run: how their columns and rows are read, and what the run needs beside its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from research.errors import CorpusError
from research.study import apply_run, run_study

STUDY = """
name: press
corpus:
  files: press.csv
  text: Body
  id_column: Nr
  columns: {outlet: Publication, date: Day}
  date_format: "%d/%m/%Y"
themes: {codebook: null}
framing: null
figures: []
"""
BODIES = (
    "The dockers stopped work on Monday, and the harbour stayed closed for the week.\n\n"
    "Talks resume on Friday, the union said, and nobody expected that they would end soon.",
    "A ferry line bought two ships from a yard in the north, which will sail from spring.\n\n"
    "The owners said that the price was fair, and that more of them would follow in time.",
)
TABLE = {"Nr": ["a1", "b2"], "Body": BODIES, "Publication": ["Herald", "Courier"], "Day": ["05/12/2025", "06/12/2025"]}
OURS = {"Nr": "id", "Body": "text", "Publication": "outlet", "Day": "date"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a table, a study that names its columns, the study's run, and a cache."""
    home = tmp_path_factory.mktemp("press")
    pl.DataFrame(TABLE).write_csv(home / "press.csv")
    (home / "study.yaml").write_text(STUDY, encoding="utf-8")
    run_study(home / "study.yaml", out=home / "run", cache=home / "vectors.sqlite")
    return home


def scored(home: Path, source: Path, run: Path | None = None, **given: str) -> pl.DataFrame:
    return apply_run(run or home / "run", source, cache=home / "vectors.sqlite", **given)


def own(home: Path) -> pl.DataFrame:
    return pl.read_parquet(home / "run/tables/paragraphs.parquet")


def test_a_table_like_the_studys_is_read_as_the_study_read_it(home: Path) -> None:
    assert own(home)["paragraph_id"].to_list() == ["a1:0", "a1:1", "b2:0", "b2:1"]
    assert own(home)["date"].unique().sort().to_list() == ["2025-12-05", "2025-12-06"]
    assert scored(home, home / "press.csv").equals(own(home))


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_runs_own_table_is_read_by_its_own_columns(home: Path, ending: str) -> None:
    # Its rows are paragraphs and its dates ISO dates, whatever the study's table had.
    assert scored(home, home / f"run/tables/paragraphs.{ending}").equals(own(home))


def test_a_table_with_this_packages_names_is_read_too(home: Path, tmp_path: Path) -> None:
    pl.DataFrame(TABLE).rename(OURS).write_csv(tmp_path / "ours.csv")
    assert scored(home, tmp_path / "ours.csv").equals(own(home))
    iso = {**TABLE, "Day": ["2025-12-05", "2025-12-06"]}
    pl.DataFrame(iso).rename(OURS).write_csv(tmp_path / "iso.csv")
    assert scored(home, tmp_path / "iso.csv").equals(own(home))


def test_names_are_looked_up_column_by_column(home: Path, tmp_path: Path) -> None:
    pl.DataFrame(TABLE).rename({"Body": "text", "Publication": "outlet"}).write_parquet(tmp_path / "mixed.parquet")
    assert scored(home, tmp_path / "mixed.parquet").equals(own(home))
    pl.DataFrame(TABLE).select("Nr", "Body").write_parquet(tmp_path / "bare.parquet")
    table = scored(home, tmp_path / "bare.parquet")
    assert set(table["document_id"]) == {"a1", "b2"} and set(table["outlet"]) == {"unknown"}


def test_a_table_without_a_text_is_refused(home: Path, tmp_path: Path) -> None:
    pl.DataFrame(TABLE).drop("Body").write_csv(tmp_path / "empty.csv")
    with pytest.raises(CorpusError, match="text"):
        scored(home, tmp_path / "empty.csv")


def test_rows_are_what_they_were_unless_one_says_otherwise(home: Path) -> None:
    table = scored(home, home / "press.csv", unit="paragraph")
    assert table["document_id"].to_list() == ["a1", "b2"] and "Talks resume" in table["text"][0]


def test_a_run_needs_no_file_beside_its_folder(home: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    for name in ("press.csv", "study.yaml"):
        shutil.copy(home / name, gone)
    run_study(gone / "study.yaml", out=tmp_path / "results/press", cache=home / "vectors.sqlite")
    shutil.rmtree(gone)
    (tmp_path / "results/press").rename(tmp_path / "copied")
    assert scored(home, home / "press.csv", tmp_path / "copied").equals(own(home))
