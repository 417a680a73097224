"""Wrong conditions of the system end in one sentence, with the earlier run untouched, and the next run goes on."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file, save_file

from research.__main__ import main
from research._csv import plain_texts
from research.errors import RunFolderError
from research.study import RunFolder, apply_run, file_hash, read_manifest, run_study
from research.study._figures import FIGURES

TEXTS = {
    "one": "The leaders met on Monday and they praised the plan for trade and growth in the region.\n\n"
    "Talks ended without a treaty, and analysts warned that debt costs would rise while exports fell.\n\n"
    "The president said this was a new era for the region, but critics doubt it and the plan.\n",
    "two": "The summit ended on Friday with a new plan, and the president praised growth in the region.\n\n"
    "Exports fell and costs rise, analysts said, while critics doubt the treaty of the region.\n\n"
    "They warned that the talks would end without a new treaty for trade in the region.\n",
}
STUDY = """
name: small
corpus: {files: texts/*.txt}
embedding: {model: ./model}
themes: {codebook: null}
framing: null
figures: [theme_map]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a study of six paragraphs with a tiny model, run once, which takes a second once libraries are loaded."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    from tests.embedding.conftest import _backbone, _saved

    home = tmp_path_factory.mktemp("study")
    _saved([_backbone(home / "bert", 0), Pooling(32, "mean"), Normalize()], home / "model")
    (home / "texts").mkdir()
    for name, text in TEXTS.items():
        (home / f"texts/{name}.txt").write_text(text, encoding="utf-8")
    (home / "study.yaml").write_text(STUDY, encoding="utf-8")
    run_study(home / "study.yaml", out=home / "run", cache=home / "cache/research/vectors.sqlite")
    return home


@pytest.fixture
def home(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the study, its run at results/small, and its cache, to spoil at will."""
    for name in ("texts", "cache"):
        shutil.copytree(study / name, tmp_path / name)
    (tmp_path / "model").symlink_to(study / "model")
    shutil.copy(study / "study.yaml", tmp_path)
    shutil.copytree(study / "run", tmp_path / "results/small")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str]]]:
    """Give a function that runs the command line here and gives its exit code and what it said on standard error."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}

    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["research", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr().err
        assert "Traceback" not in said and "should not have happened" not in said, said
        return int(left.value.code or 0), said.strip()

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def everything(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in folder.rglob("*") if path.is_file()}


def refuses(command: Callable[..., tuple[int, str]], home: Path, *said: str, arguments: tuple[str, ...] = ()) -> None:
    """Expect that a run is refused in one sentence and leaves the earlier one and nothing else."""
    before = everything(home / "results/small")
    code, sentence = command("run", "study.yaml", *arguments)
    assert code == 2, sentence
    assert len(sentence.splitlines()) == 1
    assert all(word in sentence for word in said), sentence
    assert everything(home / "results/small") == before
    assert not list((home / "results").glob(".*"))


# A full disk and places that refuse


@pytest.mark.parametrize("limit", [40_000, 1_000_000])
def test_a_limit_on_file_size_stops_a_run_in_one_sentence(
    home: Path, command: Callable[..., tuple[int, str]], limit: int
) -> None:
    """A limit is as good as a full disk: the system refuses to write more. The cache is whole, so it is not written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        refuses(command, home, "results/small/", "cannot be written", "as it was")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert command("run", "study.yaml")[0] == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("name", ["write_text", "write_bytes", "mkdir", "rename"])
def test_whatever_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    def write(text: str) -> None:
        with RunFolder(tmp_path / "one", "one") as folder:
            folder.write_text("note.txt", text)
            folder.write_arrays("axis", {"w": np.arange(3.0)}, {})

    write("first")

    def no(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    before = everything(tmp_path / "one")
    with monkeypatch.context() as patch:
        patch.setattr(Path, name, no)
        if name == "rename":  # where two names cannot be exchanged
            patch.setattr("research.study._folder._exchange", lambda one, other: False)
        with pytest.raises(
            RunFolderError, match=r"one\S* cannot be written, .*--out; the earlier run there is as it was"
        ):
            write("second")
    assert everything(tmp_path / "one") == before
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    write("second")
    assert (tmp_path / "one/note.txt").read_text() == "second"


def test_a_full_disk_is_said_of_the_cache_too(home: Path, command: Callable[..., tuple[int, str]]) -> None:
    shutil.rmtree(home / "cache")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        refuses(command, home, "vectors.sqlite cannot be used", "XDG_CACHE_HOME")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert command("run", "study.yaml")[0] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the disk that is always full")
def test_a_log_on_a_full_disk_is_told_once_and_the_run_goes_on(
    home: Path, command: Callable[..., tuple[int, str]]
) -> None:
    code, said = command("run", "study.yaml", "--log-file", "/dev/full")
    assert code == 0, said
    assert len(said.splitlines()) == 1 and "no space is left on the disk" in said and "log /dev/full" in said


def test_a_cache_folder_that_is_a_file(
    home: Path, command: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_text("mine")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "file"))
    refuses(command, home, "vector cache", "XDG_CACHE_HOME")
    assert (home / "file").read_text() == "mine"


def test_places_that_cannot_hold_a_run(home: Path, command: Callable[..., tuple[int, str]]) -> None:
    (home / "file").write_text("mine")
    for place in ("file", "file/run", "file/deep/run", "/proc/nothing/run", "a" * 250, "b" * 300):
        refuses(command, home, "choose", arguments=("--out", place))
    assert (home / "file").read_text() == "mine"


@pytest.mark.parametrize("content", [b"not a database" * 500, b""])
def test_a_spoiled_cache_costs_time_and_nothing_else(
    home: Path, command: Callable[..., tuple[int, str]], content: bytes
) -> None:
    (home / "cache/research/vectors.sqlite").write_bytes(content)
    before = read_manifest(home / "results/small")
    code, said = command("run", "study.yaml")
    assert code == 0
    assert ("embedded again" in said) == bool(content)
    after = read_manifest(home / "results/small")
    assert after["files"] == before["files"] and after["run"]["embedded"] == before["run"]["embedded"] > 0


# Damaged run folders


def manifest_with(**changes: Any) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        manifest = {**json.loads((folder / "manifest.json").read_text(encoding="utf-8")), **changes}
        kept = {key: value for key, value in manifest.items() if value is not None}
        (folder / "manifest.json").write_text(json.dumps(kept), encoding="utf-8")

    return spoil


SPOILED: dict[str, Callable[[Path], object]] = {
    "gone": lambda folder: (folder / "manifest.json").unlink(),
    "cut": lambda folder: (folder / "manifest.json").write_text("{"),
    "bytes": lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe\x00"),
    "deep": lambda folder: (folder / "manifest.json").write_text("[" * 100_000),
    "kind": manifest_with(kind="holiday"),
    "outside": manifest_with(files={"../../mine.txt": "0" * 64}),
    "absolute": manifest_with(files={"/etc/passwd": "0" * 64}),
    "no hash": manifest_with(files={"config.yaml": 5}),
    **{f"no {key}": manifest_with(**{key: None}) for key in ("schema", "name", "files", "run")},
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_manifest(home: Path, command: Callable[..., tuple[int, str]], how: str) -> None:
    folder = home / "results/small"
    SPOILED[how](folder)
    for arguments in (("verify", folder), ("apply", folder, "texts/one.txt", "--out", "new.parquet")):
        code, said = command(*arguments)
        assert code == 2 and "manifest.json" in said and len(said.splitlines()) == 1, said
    refuses(command, home, "results/small", "move it away, or choose another place with --out")
    assert not (home / "new.parquet").exists()


def test_verify_without_the_configuration_and_with_a_wrong_base(
    home: Path, command: Callable[..., tuple[int, str]]
) -> None:
    manifest_with(run={"base": 5, "base_from_folder": "../gone"})(home / "results/small")
    code, said = command("verify", "results/small")
    assert code == 2 and "--base" in said
    code, said = command("apply", "results/small", "texts/one.txt", "--out", "new.parquet")
    assert code == 2 and "is gone" in said and "--base" in said
    assert command("apply", "results/small", "texts/one.txt", "--out", "new.parquet", "--base", home) == (0, "")
    assert set(pl.read_parquet("new.parquet")["document_id"]) == {"one"}


def test_a_hand_edited_table_is_kept_when_the_study_runs_again(
    home: Path, command: Callable[..., tuple[int, str]]
) -> None:
    folder = home / "results/small"
    original = everything(folder)
    for number in (1, 2):
        (folder / "tables/themes.csv").write_text(f"edited by hand, time {number}")
        (folder / "tables/map.parquet").unlink()
        code, said = command("run", "study.yaml")
        assert code == 0 and "tables/themes.csv was changed since its run; the folder of that run is kept as" in said
        kept = home / f"results/small.changed-{number}"
        assert (kept / "tables/themes.csv").read_text() == f"edited by hand, time {number}"
        assert {name: digest for name, digest in everything(folder).items() if name != "manifest.json"} == {
            name: digest for name, digest in original.items() if name != "manifest.json"
        }
    assert command("run", "study.yaml") == (0, "")
    assert not (home / "results/small.changed-3").exists()


@pytest.mark.parametrize(
    ("source", "out"), [("b1.csv", "b1.csv"), ("b*.csv", "./b1.csv"), ("b1.csv", "link.csv"), ("link.csv", "b1.csv")]
)
def test_new_texts_are_not_overwritten_by_their_scores(
    home: Path, command: Callable[..., tuple[int, str]], source: str, out: str
) -> None:
    (home / "b1.csv").write_text(f"id,text\na,{TEXTS['one'].splitlines()[0]}\n")
    (home / "link.csv").symlink_to("b1.csv")
    before = everything(home)
    code, said = command("apply", "results/small", source, "--out", out, "--unit", "document")
    assert code == 2 and f"--out {Path(out)}: is a file that {source} names" in said
    assert everything(home) == before and (home / "link.csv").is_symlink()
    (home / "other.csv").write_text("old")
    assert command("apply", "results/small", source, "--out", "other.csv", "--unit", "document") == (0, "")
    assert (home / "other.csv").read_text() != "old"


def test_an_edited_configuration_is_not_applied(home: Path, command: Callable[..., tuple[int, str]]) -> None:
    path = home / "results/small/config.yaml"
    path.write_text(path.read_text().replace("small", "large"))
    code, said = command("apply", "results/small", "texts/one.txt", "--out", "new.parquet")
    assert code == 2 and "config.yaml: missing or not the file that the run wrote" in said


def hashed_again(folder: Path) -> None:
    """Make the manifest agree with the files, as somebody would who edits both."""
    names = json.loads((folder / "manifest.json").read_text())["files"]
    manifest_with(files={name: file_hash(folder / name) for name in names})(folder)


@pytest.mark.parametrize("agree", [False, True])
@pytest.mark.parametrize(
    ("name", "content"),
    [("study.json", "{}"), ("study.json", "[]"), ("themes.json", "{}"), ("themes.json", "[]"), ("themes.json", "{")],
)
def test_spoiled_model_files(home: Path, name: str, content: str, agree: bool) -> None:
    folder = home / "results/small"
    (folder / "model" / name).write_text(content)
    if agree:
        hashed_again(folder)
    with pytest.raises(RunFolderError, match=rf"model/{name.split('.')[0]}.*run the study again"):
        apply_run(folder, home / "texts/one.txt", cache=home / "cache/research/vectors.sqlite")


def test_another_model_under_the_runs_name_is_not_applied(home: Path, command: Callable[..., tuple[int, str]]) -> None:
    genuine = (home / "model").resolve()
    (home / "model").unlink()
    shutil.copytree(genuine, home / "model")
    assert command("run", "study.yaml") == (0, "")
    weights = home / "model/model.safetensors"
    arrays = load_file(weights)
    name = next(key for key, array in arrays.items() if array.dtype == np.float32)
    save_file({**arrays, name: arrays[name] + 1}, weights, metadata={"format": "pt"})
    code, said = command("apply", "results/small", "texts/one.txt", "--out", "new.parquet")
    assert code == 2 and "of hash" in said and "run the study again" in said
    weights.write_bytes(weights.read_bytes()[:1000])
    refuses(command, home, "cannot be loaded", "safetensors")


# Interruptions


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("when", ["embedding", "figures"])
def test_an_interrupted_run_goes_on_from_there(
    home: Path, command: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch,
    when: str, number: int, code: int,
) -> None:  # fmt: skip
    from research.embedding import VectorCache

    before = everything(home / "results/small")
    if when == "embedding":
        shutil.rmtree(home / "cache")
        write = VectorCache.write

        def interrupted(cache: VectorCache, rows: Any) -> None:
            write(cache, rows)
            os.kill(os.getpid(), number)

        target: tuple[Any, str, Any] = (VectorCache, "write", interrupted)
    else:
        draw = FIGURES["theme_map"]

        def interrupted_figure(*arguments: Any) -> Any:
            os.kill(os.getpid(), number)
            return draw(*arguments)

        target = (FIGURES, "theme_map", interrupted_figure)
    with monkeypatch.context() as patch:
        (patch.setitem if isinstance(target[0], dict) else patch.setattr)(*target)
        left, said = command("run", "study.yaml")
    assert left == code
    assert len(said.splitlines()) == 1 and "the same command goes on from there" in said
    assert everything(home / "results/small") == before
    assert not list((home / "results").glob(".*"))
    assert command("run", "study.yaml") == (0, "")
    again = read_manifest(home / "results/small")
    assert again["run"]["from_cache"] > 0
    assert {k: v for k, v in everything(home / "results/small").items() if k != "manifest.json"} == {
        k: v for k, v in before.items() if k != "manifest.json"
    }


@pytest.mark.parametrize(("library", "arguments"), [("typer", ["--help"]), ("polars", ["check", "study.yaml"])])
def test_ctrl_c_while_libraries_load(home: Path, library: str, arguments: list[str]) -> None:
    (home / "site").mkdir()
    (home / f"site/{library}.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    search = os.pathsep.join([str(home / "site"), str(Path(__file__).resolve().parents[2])])
    done = subprocess.run(
        [sys.executable, "-m", "research", *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": search},
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert done.stderr.startswith("research: stopped") and len(done.stderr.splitlines()) == 1


# Two runs at once

WRITER = """
import sys
from research.study import RunFolder
for number in range(40):
    with RunFolder(sys.argv[1], "one") as folder:
        for name in ("a", "b", "c"):
            folder.write_text(f"{name}.txt", f"{sys.argv[2]} {number}")
"""


def test_two_processes_may_write_one_run(tmp_path: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "one"), name]) for name in "xy"]
    assert [process.wait(timeout=100) for process in running] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    manifest = read_manifest(tmp_path / "one")
    assert {name: file_hash(tmp_path / "one" / name) for name in manifest["files"]} == manifest["files"]
    assert len({(tmp_path / "one" / f"{name}.txt").read_text() for name in "abc"}) == 1


def test_one_process_may_have_two_runs_of_one_place(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "one", "one") as outer:
        outer.write_text("note.txt", "outer")
        with RunFolder(tmp_path / "one", "one") as inner:
            inner.write_text("note.txt", "inner")
        assert (tmp_path / "one/note.txt").read_text() == "inner"
    assert (tmp_path / "one/note.txt").read_text() == "outer"
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_swap_that_fails_half_way_brings_the_earlier_run_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(text: str) -> None:
        with RunFolder(tmp_path / "one", "one") as folder:
            folder.write_text("note.txt", text)

    write("first")
    rename = Path.rename

    def half(path: Path, target: Path) -> Path:
        if path.suffix == ".partial":
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr("research.study._folder._exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", half)
    with pytest.raises(RunFolderError, match="as it was"):
        write("second")
    assert (tmp_path / "one/note.txt").read_text() == "first"


# Ids and names of the user's


def test_hostile_ids_and_titles_stay_inside_the_run_folder(home: Path, command: Callable[..., tuple[int, str]]) -> None:
    ids = ["../../evil", "/tmp/evil", "a\x00b", "=1+1", "<script>alert(1)</script>", "..", "\u202eid"]
    texts = [text for whole in TEXTS.values() for text in whole.strip().split("\n\n")]
    texts.append("=SUM(A1) said the analysts of the region, and <img src=x onerror=y> they warned.")
    outlets = ["$x$", "@out", "</style>", "🎉", "-", "a\u200bb", "'=q"]
    table = pl.DataFrame({"id": ids, "outlet": outlets, "title": [f"={name}" for name in ids], "text": texts})
    table.write_parquet(home / "texts/table.parquet")

    def beside() -> set[Path]:
        return {path for path in home.rglob("*") if not path.is_relative_to(home / "results/hostile")}

    before = beside()
    assert command(
        "run", "study.yaml", "--set", "corpus.files=texts/table.parquet", "--set", "title='</title><script>'",
        "--set", "figures=[theme_map, theme_shares_by_document, keywords_by_theme]", "--out", "results/hostile",
    ) == (0, "")  # fmt: skip
    assert {path.name for path in beside() - before} <= {"hostile.log", "vectors.sqlite-wal", "vectors.sqlite-shm"}
    assert not list(Path("/tmp").glob("evil*"))
    for name in ("paragraphs", "documents", "units"):
        kept = pl.read_parquet(f"results/hostile/tables/{name}.parquet")
        read = plain_texts(pl.read_csv(f"results/hostile/tables/{name}.csv", schema=kept.schema))
        assert read.equals(kept)
    paragraphs = pl.read_parquet("results/hostile/tables/paragraphs.parquet")
    assert {"../../evil", "=1+1", ".."} <= set(paragraphs["document_id"])
    page = Path("results/hostile/report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page and "<img src=x" not in page and "<title></title>" not in page


def test_verify_without_a_folder_for_the_new_run(
    home: Path, command: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(home / "gone"))
    code, said = command("verify", "results/small")
    assert code == 2 and "TMPDIR" in said and len(said.splitlines()) == 1
