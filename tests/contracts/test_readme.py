"""What the README and the notebook show is run as written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with only the seeds in it, and an own cache."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path


def test_the_ten_lines(elsewhere: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    assert len([line for line in code.splitlines() if line.strip()]) == 10
    done = subprocess.run([sys.executable, "-c", code], cwd=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (elsewhere / "figures").iterdir()} >= {"article_lines.pdf", "article_lines.csv"}


def test_the_notebook(elsewhere: Path) -> None:
    notebook = nbformat.read(ROOT / "docs/notebooks/five_articles.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not committed"
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(elsewhere)}}).execute()
    last = notebook.cells[-1].outputs[0].data
    assert "image/png" in last


def test_links_lead_to_files_and_a_picture_comes_first() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links[0].endswith(".png")
    assert README.index(links[0]) < README.index("make run")
    for link in links:
        assert (ROOT / link).is_file(), link


def test_commands_named_are_commands() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "research", "--help"], capture_output=True, text=True, check=True, env={**os.environ}
    ).stdout
    for command in set(re.findall(r"`research (\w+)", README)):
        assert re.search(rf"^\s+{command}\s", said, re.M), command
