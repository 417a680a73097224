"""One run of the study on `seeds/`, made by the command line as a user would, shared by the tests that look at it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "configs/studies/putin_visit.yaml"

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def research(*arguments: object, cache: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a fresh process with a cache of its own."""
    return subprocess.run(
        [sys.executable, "-m", "research", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "HF_HUB_OFFLINE": "1", **environment},
    )


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Give the folder of a finished run on `seeds/`, and what the command said."""
    home = tmp_path_factory.mktemp("first")
    done = research("run", STUDY, "--out", home / "putin_visit", cache=home / "cache")
    assert done.returncode == 0, done.stderr
    return home / "putin_visit", done


@pytest.fixture(scope="session")
def run_folder(first_run: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    """Give the folder of a finished run on `seeds/`."""
    return first_run[0]
