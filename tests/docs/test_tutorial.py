"""The tutorial's commands, run as they are written, print what the page shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import REPOSITORY, blocks_of, in_one_line

pytestmark = pytest.mark.xdist_group("tutorial")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a clone whose environment is there already: that of this test."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("configs", "seeds"):
        shutil.copytree(REPOSITORY / name, clone / name)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(REPOSITORY / name, clone)
    (clone / ".venv").mkdir()
    (clone / ".venv/bin").symlink_to(Path(sys.executable).parent)
    (clone / ".venv/.installed").touch()
    return clone


def _python(codes: list[str]) -> str:
    """Write the page's Python as one program that says where each block ends."""
    return "\n".join(f"{code}\nprint('-- end of block', flush=True)" for code in codes)


def test_the_commands_print_what_the_page_shows(clone: Path, tmp_path: Path) -> None:
    blocks = blocks_of("tutorial.md")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(REPOSITORY)}
    shell = [block for block in blocks if block.kind == "sh"]
    assert len(shell) >= 6 and any("research verify" in block.code for block in shell)
    for block in shell:
        # Each in a terminal in which the environment is open, as the page says.
        done = subprocess.run(
            ["bash", "-ec", f". .venv/bin/activate\n{block.code}"],
            cwd=clone, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block.code}\n{done.stderr}"
        assert in_one_line(block.prints) in in_one_line(done.stdout), block.code
    python = [block for block in blocks if block.kind == "python"]
    program = tmp_path / "page.py"
    program.write_text(_python([block.code for block in python]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for block, printed in zip(python, done.stdout.split("-- end of block\n"), strict=False):
        assert in_one_line(block.prints) in in_one_line(printed), block.code
