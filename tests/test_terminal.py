"""The command line's own manners: usage errors, Ctrl-C, the unexpected, and the log."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from research._terminal import exit_with, work
from research.errors import CorpusError, InputError
from research.study import Loaded, Outcome, Section, experiment_main

ROOT = Path(__file__).resolve().parents[1]


STUDY = str(ROOT / "configs/studies/putin_visit.yaml")


def research(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "research", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("nosuch",),
        ("run", "s.yaml", "--bogus"),
        ("apply", "r", "t.csv"),
        ("apply", "r", "t", "--unit", "page"),
    ],
)
def test_wrong_usage_is_wrong_input(arguments: tuple[str, ...]) -> None:
    done = research(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "should not have happened" not in done.stderr
    assert "Usage" in done.stderr


def test_an_experiments_usage_too() -> None:
    command = [sys.executable, "-m", "experiments.seed_validation"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2 and "Usage" in done.stderr


def test_ctrl_c_is_told_and_leaves_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "research",
            "run",
            str(ROOT / "configs/studies/putin_visit.yaml"),
            "--out",
            str(tmp_path / "r"),
        ],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what it runs in the background with Ctrl-C ignored, and so on to every child.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "research").exists():  # the cache is made when embedding begins
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert said.strip().splitlines()[-1].startswith("research: stopped")
    assert "Traceback" not in said
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CorpusError("no text"), 2),
        (OSError(errno.ENOSPC, "No space left on device", "table.csv"), 2),
        (MemoryError(), 2),
        (ZeroDivisionError("x"), 70),
        (None, 0),
    ],
)
def test_exit_codes(error: Exception | None, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> None:
        if error is not None:
            raise error

    with pytest.raises(SystemExit) as left:
        exit_with(command)
    assert left.value.code == code
    assert len(capsys.readouterr().err.splitlines()) == (error is not None)


@pytest.mark.parametrize("arguments", [("check", STUDY, "--set", "title=Élan “größer”"), ("--help",)])
def test_a_terminal_without_these_letters(arguments: tuple[str, ...]) -> None:
    done = research(*arguments, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert arguments == ("--help",) or r"\xc9lan \u201cgr\xf6\xdfer" in done.stdout


@pytest.mark.parametrize("arguments", [("check", STUDY), ("schema",), ("--help",)])
def test_nobody_reads_the_output_any_more(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "research", *arguments]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 0 or arguments == ("--help",)  # which is click's own


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the disk that is always full")
def test_output_on_a_full_disk() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "research", "schema"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "standard output: no space is left" in done.stderr


def test_a_failed_check_keeps_its_code_when_nobody_reads() -> None:
    program = (
        "from research._terminal import exit_with, say\nfrom research.errors import VerificationError\n"
        "def command():\n    for line in range(9):\n        say('differs')\n    raise VerificationError('9 differ')\n"
        "exit_with(command)\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "research: 9 differ\n")


def test_the_log_is_written_once_work_begins_and_added_to(tmp_path: Path) -> None:
    log = tmp_path / "made" / "study.log"
    with pytest.raises(CorpusError), work(False) as (_, log_to):
        log_to(log)
        raise CorpusError("wrong from the start")
    assert not log.parent.exists()
    for number in (1, 2):
        with work(False) as (progress, log_to):
            log_to(log)
            progress(f"stage {number}", 1, 1)
    text = log.read_text()
    assert "stage 1" in text and "stage 2" in text


def test_an_experiments_log_goes_where_one_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings(Section):
        n: int = 1

    def body(loaded: Loaded[Settings], progress: Callable[[str, int, int], None]) -> Outcome:
        progress("counting", 1, 1)
        raise CorpusError("no texts")

    (tmp_path / "own.yaml").write_text("n: 2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for given, log in ((["--log-file", "there/own.log"], "there/own.log"), ([], "results/own.log")):
        monkeypatch.setattr(sys, "argv", ["own", "own.yaml", *given])
        with pytest.raises(SystemExit):
            experiment_main("own", "An experiment", Settings, body)
        assert "counting: 1 of 1" in (tmp_path / log).read_text(encoding="utf-8")
        assert (tmp_path / "results/own.log").exists() == (not given)


def test_a_log_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--log-file"), work(False) as (_, log_to):
        log_to(tmp_path)
