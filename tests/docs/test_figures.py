"""What the page on figures shows is run as written, on the figure of a made-up study."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from research import figures
from tests.docs.pages import REPOSITORY, blocks_of, in_one_line


def test_the_example_prints_what_the_page_shows(tmp_path: Path, tables) -> None:
    plot = figures.framing_by_document(tables["estimates"], tables["documents"])
    plot.save(tmp_path / "results/putin_visit/figures")
    (block,) = blocks_of("figures.md")
    done = subprocess.run(
        [sys.executable, "-c", block.code],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert in_one_line(done.stdout) == in_one_line(block.prints)
    drawn = (tmp_path / "paper/framing_by_document.csv").read_text(encoding="utf-8")
    assert "Alle Texte" in drawn and "All documents" not in drawn.split("\n", 1)[0]
