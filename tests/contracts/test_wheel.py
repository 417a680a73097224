"""An installed package has its axes, codebooks and templates."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_wheel_carries_configs_and_templates(tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("research", "configs"):
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in ("axes/celebratory.yaml", "axes/stance.yaml", "codebooks/putin_visit.yaml"):
        assert f"research/_configs/{name}" in names
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "research").rglob("*")
               if path.suffix in {".py", ".j2", ".css", ".js"}}  # fmt: skip
    assert shipped <= names
    assert "research/py.typed" in names
