"""A finished run folder as its manifest describes it: which files there are, and whether they are still the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from research._disk import refused
from research.errors import RunFolderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "MANIFEST",
    "SCHEMA",
    "base_of",
    "file_hash",
    "lies_inside",
    "read_arrays",
    "read_manifest",
    "written_file",
]

MANIFEST = "manifest.json"
SCHEMA = 1
_KINDS = ("study", "experiment")


def file_hash(path: Path) -> str:
    """Give the sha256 of a file, in hexadecimal.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    str
        64 characters.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a finished run folder.

    Parameters
    ----------
    folder : path

    Returns
    -------
    dict
        As `manifest.json` holds it; `files` has the hash of every file by its path in the folder.

    Raises
    ------
    RunFolderError
        If the folder is missing, unfinished or its manifest is damaged.
    """
    path = folder / MANIFEST
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no such folder; give the folder of a run, for example results/<name>")
    if not path.is_file():
        raise RunFolderError(f"{folder}: there is no {MANIFEST}, so this is no finished run; run the study again")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        kinds = {"name": str, "kind": str, "files": dict, "run": dict}
        if manifest["schema"] != SCHEMA or not all(isinstance(manifest[key], kind) for key, kind in kinds.items()):
            raise KeyError("schema")
        if manifest["kind"] not in _KINDS or not all(isinstance(digest, str) for digest in manifest["files"].values()):
            raise KeyError("kind")
    except OSError as error:
        raise RunFolderError(f"{path}: {refused(error)}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RunFolderError(f"{path}: this is not a manifest that this version wrote; run the study again") from None
    for name in manifest["files"]:
        if not lies_inside(name):
            raise RunFolderError(
                f"{path}: it lists {name!r}, which lies outside the run folder, so it was changed since the run; run "
                "the study again"
            )
    return dict(manifest)


def lies_inside(relative: str) -> bool:
    """Tell whether a file of this name lies in the run folder."""
    pure = PurePosixPath(relative)
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and "\0" not in relative


def written_file(folder: Path, manifest: Mapping[str, Any], relative: str) -> Path:
    """Give the path of a file of a finished run that is still as the run wrote it.

    Raises
    ------
    RunFolderError
        If it is missing or changed.
    """
    path = folder / relative
    listed = manifest["files"].get(relative)
    try:
        if listed is not None and path.is_file() and file_hash(path) == listed:
            return path
    except OSError as error:
        raise RunFolderError(f"{path}: {refused(error)}") from None
    raise RunFolderError(f"{path}: missing or not the file that the run wrote; run the study again")


def base_of(folder: Path, manifest: dict[str, Any], given: str | Path | None = None) -> Path:
    """Give the folder that the relative paths of a run's configuration start from.

    Raises
    ------
    RunFolderError
        If it is gone, both by its absolute path and as seen from the run folder.
    """
    if given is not None:
        return Path(given).absolute()
    recorded = Path(str(manifest["run"].get("base", "")))
    from_folder = str(manifest["run"].get("base_from_folder", "."))
    seen_from_folder = Path(os.path.normpath(folder.absolute() / from_folder))
    for candidate in (recorded, seen_from_folder):
        if candidate.is_absolute() and candidate.is_dir():
            return candidate
    raise RunFolderError(
        f"{folder}: the folder its configuration lay in, {recorded}, is gone; say where the paths in "
        f"{folder / 'config.yaml'} start from with --base"
    )


def read_arrays(folder: Path, name: str) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
    """Read one saved estimator of a run: its arrays and its JSON.

    Raises
    ------
    RunFolderError
        If a file is missing, damaged or not the one the manifest lists.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    manifest = read_manifest(folder)
    for suffix in (".safetensors", ".json"):
        relative = f"model/{name}{suffix}"
        if relative not in manifest["files"]:
            raise RunFolderError(f"{folder}: this run saved no {relative}; run the study again with that stage on")
        written_file(folder, manifest, relative)
    try:
        arrays = load_file(folder / "model" / f"{name}.safetensors")
        meta = json.loads((folder / "model" / f"{name}.json").read_text(encoding="utf-8"))
    except (SafetensorError, ValueError) as error:
        raise RunFolderError(f"{folder}/model/{name}: cannot be read ({error}); run the study again") from None
    return arrays, meta
