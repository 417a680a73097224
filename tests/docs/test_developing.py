"""What the page for developers shows is run as written: one's own encoder, groups, axis, figure and reader."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from research import Encoder
from research.framing import Anchors, FramingAxis
from tests.docs.pages import REPOSITORY, blocks_of, in_one_line

PAGE = (REPOSITORY / "docs/developing.md").read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the examples' files in it."""
    shutil.copytree(REPOSITORY / "docs/examples", tmp_path / "docs/examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_print_what_the_page_shows(clone: Path) -> None:
    blocks = [block for block in blocks_of("developing.md") if block.kind == "python"]
    assert len(blocks) == 6 and all(block.prints for block in blocks)
    program = "\n".join(f"{block.code}\nprint('-- end of block', flush=True)" for block in blocks)
    (clone / "page.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "page.py"],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "HF_HUB_OFFLINE": "1"},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for block, printed in zip(blocks, done.stdout.split("-- end of block\n"), strict=False):
        assert in_one_line(block.prints) == in_one_line(printed), block.code


def test_the_axis_is_one(clone: Path) -> None:
    (block,) = [block for block in blocks_of("developing.md") if block.kind == "yaml"]
    (clone / "my_axis.yaml").write_text(block.code, encoding="utf-8")
    assert len(Anchors.load("my_axis.yaml")) == 6
    axis = FramingAxis.from_anchors("my_axis.yaml", Encoder(), n_bootstrap=5)
    hasty, patient = axis.predict(Encoder().encode(["Act tonight, there is no time.", "It can wait for years."]))
    assert hasty > patient


def test_the_files_named_are_there() -> None:
    named = re.findall(r"`((?:research|tests|experiments|configs|\.ci)/[\w./]+?)/?`", PAGE)
    assert len(named) > 15
    examples = {"research/themes/_kmeans.py", "research/figures/_NAME.py", "research/corpus/_FORMAT.py"}
    missing = [name for name in named if name not in examples and "NAME" not in name]
    assert [name for name in missing if not (REPOSITORY / name).exists()] == []
