"""The study on `seeds/`: what it leaves, the same bytes again, after a kill too, and the saved models on new text."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from research._csv import plain_texts
from research._tables import check_table
from research.study import read_manifest
from tests.study.conftest import ROOT, STUDY, research

pytestmark = pytest.mark.xdist_group("study")

TARGETS = ["partnership", "russia", "india", "us_west", "china"]


def contents(folder: Path) -> dict[str, str]:
    return dict(read_manifest(folder)["files"])


def cache_file(home: Path) -> Path:
    return home / "research" / "vectors.sqlite"


def test_the_command_ends_with_the_report_and_three_findings(
    first_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = first_run
    lines = done.stdout.strip().splitlines()
    assert lines[0] == f"Report: {folder / 'report.html'}"
    assert [line[:2] for line in lines[1:]] == ["1.", "2.", "3."]
    assert "Traceback" not in done.stderr


def test_every_table_keeps_its_schema(run_folder: Path) -> None:
    for name in ("units", "paragraphs", "themes", "keywords", "map", "estimates", "validity"):
        check_table(name, pl.read_parquet(run_folder / f"tables/{name}.parquet"), TARGETS)
        assert len(pl.read_csv(run_folder / f"tables/{name}.csv", infer_schema=False))


def test_every_codebook_theme_is_reported(run_folder: Path) -> None:
    themes = pl.read_parquet(run_folder / "tables/themes.parquet")
    assert len(themes.filter(pl.col("source") == "codebook")) == 11
    assert (themes["representatives"].str.len_chars() > 0).all()


def test_figures_come_in_every_format(run_folder: Path) -> None:
    names = {path.stem for path in (run_folder / "figures").iterdir()}
    assert len(names) >= 7
    for name in names:
        for suffix in ("pdf", "svg", "png", "csv"):
            assert (run_folder / f"figures/{name}.{suffix}").stat().st_size > 0


def test_times_hosts_and_paths_stand_only_in_the_manifests_run(run_folder: Path) -> None:
    for path in run_folder.rglob("*"):
        if path.suffix in {".html", ".json", ".yaml", ".csv", ".svg", ".tex"} and path.name != "manifest.json":
            text = path.read_text(encoding="utf-8")
            assert str(ROOT) not in text and str(run_folder) not in text, path
    manifest = read_manifest(run_folder)
    assert str(ROOT) not in json.dumps({key: value for key, value in manifest.items() if key != "run"})


def test_no_pickle_is_written(run_folder: Path) -> None:
    suffixes = {path.suffix for path in (run_folder / "model").iterdir()}
    assert suffixes == {".safetensors", ".json"}


def test_documents_are_the_units_and_the_output_says_so(run_folder: Path) -> None:
    estimates = pl.read_parquet(run_folder / "tables/estimates.parquet")
    compared = estimates.filter(pl.col("reference").is_not_null())
    assert compared.filter(pl.col("p").is_null())["note"].null_count() == 0
    assert "documents" in (run_folder / "report.html").read_text(encoding="utf-8")
    assert (estimates["n_documents"] <= 5).all()


def test_verify_finds_no_difference(run_folder: Path, tmp_path: Path) -> None:
    done = research("verify", run_folder, cache=tmp_path / "empty")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the same byte for byte" in done.stdout


def test_verify_runs_nothing_that_lies_about(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "polars.py").write_text("raise SystemExit('the working directory was imported')")
    command = [sys.executable, "-P", "-m", "research", "verify", str(run_folder)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(run_folder.parent / "cache"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr + done.stdout


def test_verify_names_what_differs(run_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "putin_visit"
    shutil.copytree(run_folder, copy)
    (copy / "tables/themes.csv").write_text("edited by hand")
    (copy / "figures/theme_map.png").unlink()
    (copy / "note.txt").write_text("mine")
    done = research("verify", copy, cache=run_folder.parent / "cache")
    assert done.returncode == 1
    assert "tables/themes.csv: changed since the run wrote it" in done.stdout
    assert "figures/theme_map.png: missing" in done.stdout
    assert "note.txt: in" in done.stdout
    assert "3 difference(s)" in done.stderr, done.stdout


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_same_bytes_whatever_the_circumstances(run_folder: Path, tmp_path: Path, threads: str) -> None:
    """Another hash seed, files listed backwards, 1 or 2 threads; with 2 the cache is half filled, with 1 empty."""
    cache = tmp_path / "cache"
    if threads == "2":
        shutil.copytree(run_folder.parent / "cache", cache)
        with sqlite3.connect(cache_file(cache)) as connection:
            connection.execute("DELETE FROM vectors WHERE rowid % 2 = 0" if _has_rowid(connection) else
                               "DELETE FROM vectors WHERE substr(hex(key), 1, 1) < '8'")  # fmt: skip
    backwards = tmp_path / "site"
    backwards.mkdir()
    (backwards / "sitecustomize.py").write_text(
        "import glob, os\nfrom pathlib import Path\n"
        "_glob, _pglob, _list = glob.glob, Path.glob, os.listdir\n"
        "glob.glob = lambda *a, **k: sorted(_glob(*a, **k), reverse=True)\n"
        "Path.glob = lambda *a, **k: iter(sorted(_pglob(*a, **k), reverse=True))\n"
        "os.listdir = lambda *a: sorted(_list(*a), reverse=True)\n"
    )
    done = research(
        "run", STUDY, "--out", tmp_path / "again", cache=cache,
        PYTHONHASHSEED=str(3 + int(threads)), OMP_NUM_THREADS=threads,
        PYTHONPATH=os.pathsep.join([str(backwards), *filter(None, [os.environ.get("PYTHONPATH")])]),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "again") == contents(run_folder)
    embedded = read_manifest(tmp_path / "again")["run"]["embedded"]
    total = read_manifest(run_folder)["run"]["embedded"]
    assert embedded == total if threads == "1" else 0 < embedded < total


def _has_rowid(connection: sqlite3.Connection) -> bool:
    (definition,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'vectors'").fetchone()
    return "WITHOUT ROWID" not in definition.upper()


def test_a_run_killed_while_embedding_goes_on_from_there(run_folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    def cached() -> int:
        try:
            with sqlite3.connect(f"file:{cache_file(cache)}?mode=ro", uri=True, timeout=1) as connection:
                return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
        except sqlite3.Error:
            return 0

    _kill_when(lambda: cached() > 0, tmp_path, cache)
    assert not (tmp_path / "run").exists()
    kept = cached()
    done = research("run", STUDY, "--out", tmp_path / "run", cache=cache)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "run") == contents(run_folder)
    before, after = read_manifest(run_folder)["run"], read_manifest(tmp_path / "run")["run"]
    assert kept > 0
    assert after["embedded"] < before["embedded"], "what was cached before the kill is not embedded again"


def test_a_run_killed_while_drawing_embeds_nothing_again(run_folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(run_folder.parent / "cache", cache)
    _kill_when(lambda: any(tmp_path.glob(".run.*.partial/figures/*.png")), tmp_path, cache)
    assert not (tmp_path / "run").exists()
    done = research("run", STUDY, "--out", tmp_path / "run", cache=cache)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "run") == contents(run_folder)
    assert read_manifest(tmp_path / "run")["run"]["embedded"] == 0
    assert not list(tmp_path.glob(".run.*"))


def _kill_when(ready: object, place: Path, cache: Path) -> None:
    assert callable(ready)
    process = subprocess.Popen(
        [sys.executable, "-m", "research", "run", str(STUDY), "--out", str(place / "run")],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "HF_HUB_OFFLINE": "1"}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 240
    while not ready():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_apply_on_the_runs_own_paragraphs_gives_its_table(run_folder: Path, tmp_path: Path) -> None:
    done = research("apply", run_folder, run_folder / "tables/paragraphs.parquet", "--out", tmp_path / "out.parquet",
                    cache=run_folder.parent / "cache")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert pl.read_parquet(tmp_path / "out.parquet").equals(pl.read_parquet(run_folder / "tables/paragraphs.parquet"))


def test_apply_scores_new_documents(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text(
        "Trade talks resume\n\n"
        "India and Brazil signed an agreement on farm exports on Monday, officials said in Brasilia.\n\n"
        "China welcomed the accord, which analysts said could strain ties with Washington in the long run.\n"
    )
    done = research(
        "apply", run_folder, tmp_path / "new.txt", "--out", tmp_path / "out.parquet", cache=tmp_path / "cache"
    )
    assert done.returncode == 0, done.stderr
    table = pl.read_parquet(tmp_path / "out.parquet")
    check_table("paragraphs", table, TARGETS)
    assert table["document_id"].unique().to_list() == ["new"]
    assert "absent" in table["stance_russia"].to_list()
    done = research("apply", run_folder, tmp_path / "new.txt", "--out", tmp_path / "out.csv", cache=tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    written = plain_texts(pl.read_csv(tmp_path / "out.csv", schema_overrides=table.schema))
    assert written.drop(pl.selectors.float()).equals(table.drop(pl.selectors.float()))


def test_discovery_alone_finds_themes_and_the_same_ones_twice(run_folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = research("run", STUDY, "--set", "themes.codebook=null", "--out", tmp_path / name,
                        cache=run_folder.parent / "cache", PYTHONHASHSEED=str(len(name)))  # fmt: skip
        assert done.returncode == 0, done.stderr
        (tmp_path / name).rename(tmp_path / f"{name}-done")
    themes = pl.read_parquet(tmp_path / "one-done/tables/themes.parquet")
    assert len(themes) >= 2
    assert set(themes["source"]) == {"discovered"}
    assert contents(tmp_path / "one-done") == contents(tmp_path / "two-done")
