"""Make a run again in a fresh process and compare every file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import research
from research._disk import reason
from research.errors import RunFolderError
from research.study._manifest import MANIFEST, base_of, file_hash, read_manifest

__all__ = ["verify_run"]


def verify_run(folder: str | Path, base: str | Path | None = None) -> list[str]:
    """Run a finished study or experiment again and name every file that differs.

    Parameters
    ----------
    folder : path
        A run folder.
    base : path, optional
        Where the relative paths of its configuration start from; by default where they did when it ran, absolute or,
        if that is gone, seen from the folder.

    Returns
    -------
    list of str
        One line a difference; empty where all files are the same. Times, host and paths, which stand in the manifest
        under ``run``, are passed over.

    Raises
    ------
    RunFolderError
        If the folder is no finished run, or it cannot be run again.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    start = base_of(folder, manifest, base)
    program, paths = _program(manifest, start)
    with _temporary() as temporary:
        again = Path(temporary) / "again"
        command = [*program, str((folder / "config.yaml").absolute()), "--out", str(again), "--base", str(start)]
        inherited = os.environ.get("PYTHONPATH")
        search = os.pathsep.join([*map(str, paths), *([inherited] if inherited else [])])
        environment = {**os.environ, "PYTHONPATH": search}
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", env=environment, check=False
        )
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
            raise RunFolderError(f"{folder}: running it again failed (exit {done.returncode}): {last}")
        return _differences(folder, manifest, again)


def _temporary() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory()
    except OSError as error:
        raise RunFolderError(
            f"there is no folder for the new run ({reason(error)}); set TMPDIR to one that has space and can be "
            "written to"
        ) from None


def _program(manifest: dict[str, Any], start: Path) -> tuple[list[str], list[Path]]:
    """Give the command that makes a run again, and where its modules lie."""
    # -P keeps the working directory out of the module path: verifying a folder runs nothing that lies about.
    python = [sys.executable, "-P", "-m"]
    here = Path(research.__file__).resolve().parent.parent
    if manifest["kind"] == "study":
        return [*python, "research", "run"], [here]
    name = manifest["name"]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise RunFolderError(f"the manifest names an experiment {name!r}, which is no experiment's name")
    for above in (start, *start.parents):
        if (above / "experiments" / f"{name}.py").is_file():
            return [*python, f"experiments.{name}"], [here, above]
    raise RunFolderError(f"there is no experiments/{name}.py in {start} or a folder above it; say --base")


def _differences(folder: Path, manifest: dict[str, Any], again: Path) -> list[str]:
    fresh = read_manifest(again)
    found = {
        path.relative_to(folder).as_posix(): file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() != MANIFEST
    }
    lines = []
    for name in sorted(found.keys() | manifest["files"].keys() | fresh["files"].keys()):
        here, listed, made = found.get(name), manifest["files"].get(name), fresh["files"].get(name)
        if here is None:
            lines.append(f"{name}: missing from {folder}")
        elif listed is None:
            lines.append(f"{name}: in {folder}, but the run did not write it")
        elif here != listed:
            lines.append(f"{name}: changed since the run wrote it")
        elif made is None:
            lines.append(f"{name}: not made by the new run")
        elif here != made:
            lines.append(f"{name}: the new run gives other bytes")
    for key in sorted((manifest.keys() | fresh.keys()) - {"files", "run"}):
        if manifest.get(key) != fresh.get(key):
            old, new = (json.dumps(each.get(key), ensure_ascii=False)[:200] for each in (manifest, fresh))
            lines.append(f"{MANIFEST}, key `{key}`: {old}; the new run has {new}")
    return lines
