"""The run folder: whole or not there, never another study's, nothing outside it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from research._csv import safe_csv
from research.errors import RunFolderError
from research.study import RunFolder, read_manifest
from research.study._folder import _exchange
from research.study._manifest import read_arrays


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def finished(place: Path, name: str = "one", text: str = "a") -> Path:
    with RunFolder(place, name) as folder:
        folder.write_text("note.txt", text)
    return place


def test_a_manifest_lists_every_file(tmp_path: Path) -> None:
    manifest = read_manifest(finished(tmp_path / "results" / "one"))
    assert list(manifest["files"]) == ["note.txt"]
    assert manifest["name"] == "one"


def test_an_error_leaves_the_earlier_run_as_it_was(tmp_path: Path) -> None:
    place = finished(tmp_path / "one", text="first")
    with pytest.raises(ZeroDivisionError), RunFolder(place, "one") as folder:
        folder.write_text("note.txt", "second")
        raise ZeroDivisionError
    assert (place / "note.txt").read_text() == "first"
    assert names(tmp_path) == ["one"]


def test_running_again_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    place = finished(tmp_path / "one", text="first")
    finished(place, text="second")
    assert (place / "note.txt").read_text() == "second"
    assert names(tmp_path) == ["one"]


def test_another_study_and_foreign_files_are_refused(tmp_path: Path) -> None:
    place = finished(tmp_path / "one")
    with pytest.raises(RunFolderError, match="belongs to the study `one`"):
        RunFolder(place, "two")
    with pytest.raises(RunFolderError, match="belongs to the study `one`"):
        RunFolder(place, "one", kind="experiment")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("")
    with pytest.raises(RunFolderError, match="no finished run"):
        RunFolder(tmp_path / "photos", "one")


@pytest.mark.parametrize("name", ["../x.txt", "/etc/x", "a/../../x"])
def test_paths_stay_inside(tmp_path: Path, name: str) -> None:
    with RunFolder(tmp_path / "one", "one") as folder, pytest.raises(RunFolderError, match="outside"):
        folder.write_text(name, "")


def test_a_killed_writer_leaves_no_finished_folder_and_the_next_clears_up(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom research.study import RunFolder\n"
        "with RunFolder(sys.argv[1], 'one') as folder:\n"
        "    folder.write_text('note.txt', 'half')\n    print('here', flush=True)\n    time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "one")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"here"
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.05)
    left = names(tmp_path)
    assert len(left) == 1 and left[0].endswith(".partial")
    with pytest.raises(RunFolderError):
        read_manifest(tmp_path / "one")
    finished(tmp_path / "one")
    assert names(tmp_path) == ["one"]


def test_two_names_are_exchanged_in_one_step(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not _exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system cannot exchange two names")
    assert names(tmp_path / "a") == ["b"]


def test_arrays_come_back_and_damage_is_noticed(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "one", "one") as folder:
        folder.write_arrays("axis", {"weights": np.arange(3.0)}, {"scale": [1, 2]})
    arrays, meta = read_arrays(tmp_path / "one", "axis")
    assert arrays["weights"].tolist() == [0.0, 1.0, 2.0]
    assert meta == {"scale": [1, 2]}
    (tmp_path / "one/model/axis.json").write_text("{}")
    with pytest.raises(RunFolderError, match=r"axis\.json: missing or not the file"):
        read_arrays(tmp_path / "one", "axis")
    with pytest.raises(RunFolderError, match="saved no model/stance"):
        read_arrays(tmp_path / "one", "stance")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 99, "name": "one"}'])
def test_a_damaged_manifest_is_said(tmp_path: Path, content: str) -> None:
    place = finished(tmp_path / "one")
    (place / "manifest.json").write_text(content)
    with pytest.raises(RunFolderError, match="not a manifest"):
        read_manifest(place)


def test_the_same_content_gives_the_same_manifest_but_for_the_run(tmp_path: Path) -> None:
    first = json.loads((finished(tmp_path / "a" / "one") / "manifest.json").read_text())
    second = json.loads((finished(tmp_path / "b" / "one") / "manifest.json").read_text())
    assert {k: v for k, v in first.items() if k != "run"} == {k: v for k, v in second.items() if k != "run"}


def test_no_cell_is_a_formula_in_a_spreadsheet() -> None:
    frame = pl.DataFrame({"a": ["=1+1", "plain", None, "-x"], "b": [1, -2, 3, None]})
    assert safe_csv(frame).splitlines() == ["a,b", "'=1+1,1", "plain,-2", ",3", "'-x,"]


def test_a_users_own_file_in_the_folder_is_not_removed(tmp_path: Path) -> None:
    place = finished(tmp_path / "one")
    (place / "mynotes.md").write_text("mine")
    with pytest.raises(RunFolderError, match=r"mynotes\.md, which the run did not write"):
        RunFolder(place, "one")
    assert (place / "mynotes.md").read_text() == "mine"


def test_a_link_to_the_folder_is_followed(tmp_path: Path) -> None:
    place = finished(tmp_path / "one", text="first")
    (tmp_path / "link").symlink_to(place)
    finished(tmp_path / "link", text="second")
    assert (place / "note.txt").read_text() == "second"
    assert names(tmp_path) == ["link", "one"]
