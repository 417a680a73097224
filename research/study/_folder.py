"""The run folder: written beside its place, finished by its manifest, put in place by one rename."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from research._tables import safe_csv
from research.errors import RunFolderError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

__all__ = ["MANIFEST", "RunFolder", "base_of", "file_hash", "read_arrays", "read_manifest"]

MANIFEST = "manifest.json"
_SCHEMA = 1
_HOST = re.sub(r"\W", "-", platform.node()) or "host"


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
        if manifest["schema"] != _SCHEMA or not all(isinstance(manifest[key], kind) for key, kind in kinds.items()):
            raise KeyError("schema")
    except (ValueError, KeyError, TypeError):
        raise RunFolderError(f"{path}: this is not a manifest that this version wrote; run the study again") from None
    return dict(manifest)


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
        path = folder / relative
        if relative not in manifest["files"]:
            raise RunFolderError(f"{folder}: this run saved no {relative}; run the study again with that stage on")
        if not path.is_file() or file_hash(path) != manifest["files"][relative]:
            raise RunFolderError(f"{path}: missing or not the file that the run wrote; run the study again")
    try:
        arrays = load_file(folder / "model" / f"{name}.safetensors")
        meta = json.loads((folder / "model" / f"{name}.json").read_text(encoding="utf-8"))
    except (SafetensorError, ValueError) as error:
        raise RunFolderError(f"{folder}/model/{name}: cannot be read ({error}); run the study again") from None
    return arrays, meta


class RunFolder:
    """A run's folder while it is being written.

    Use it as a context: on leaving without an error the manifest is written and the folder put in its place; on an
    error, or a kill, what is there stays as it was.

    Parameters
    ----------
    place : path
        Where the finished folder goes.
    name : str
        Name of the study or experiment. A folder of another name at `place` is refused.
    kind : {"study", "experiment"}
    """

    def __init__(self, place: str | Path, name: str, kind: str = "study") -> None:
        self.place = Path(place).resolve()
        self.name = name
        self.kind = kind
        self.facts: dict[str, Any] = {}
        self.run: dict[str, Any] = {}
        self._refuse_foreign()
        # The host's name too: another one on a shared file system may have a process of the same number.
        self.path = self.place.parent / f".{self.place.name}.{_HOST}.{os.getpid()}.partial"

    def __enter__(self) -> RunFolder:
        above = next(folder for folder in self.place.parents if folder.exists())
        if not above.is_dir() or not os.access(above, os.W_OK):
            raise RunFolderError(f"{above}: cannot be written to; choose another place with --out")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            return
        self._begin()
        files = sorted(path for path in self.path.rglob("*") if path.is_file())
        manifest = {
            "schema": _SCHEMA,
            "name": self.name,
            "kind": self.kind,
            **self.facts,
            "files": {path.relative_to(self.path).as_posix(): file_hash(path) for path in files},
            "run": self.run,
        }
        self.write_text(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        self._refuse_foreign()
        _put_in_place(self.path, self.place)

    def file(self, relative: str) -> Path:
        """Give the path of a file in the folder, its parents made; one that would lie outside is refused."""
        pure = PurePosixPath(relative)
        if pure.is_absolute() or ".." in pure.parts:
            raise RunFolderError(f"{relative!r} would lie outside the run folder")
        self._begin()
        path = self.path / pure
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_text(self, relative: str, text: str) -> None:
        """Write a text file as UTF-8 with Unix line ends."""
        self.file(relative).write_text(text, encoding="utf-8", newline="\n")

    def write_table(self, name: str, frame: pl.DataFrame) -> None:
        """Write a table as parquet and as CSV."""
        frame.write_parquet(self.file(f"tables/{name}.parquet"), compression="zstd", statistics=True)
        self.write_text(f"tables/{name}.csv", safe_csv(frame))

    def write_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Write an estimator's state: arrays as safetensors, the rest as JSON."""
        import numpy as np
        from safetensors.numpy import save_file

        save_file(
            {key: np.ascontiguousarray(array) for key, array in sorted(arrays.items())},
            self.file(f"model/{name}.safetensors"),
        )
        self.write_text(f"model/{name}.json", json.dumps(meta, indent=2, ensure_ascii=False, sort_keys=True) + "\n")

    def _begin(self) -> None:
        """Make the folder when the first file is written: wrong input leaves nothing behind."""
        if self.path.is_dir():
            return
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self._clear_abandoned()
            self.path.mkdir()
        except OSError as error:
            raise RunFolderError(
                f"{self.place.parent}: cannot be written to ({error.strerror}); choose another place with --out"
            ) from None

    def _refuse_foreign(self) -> None:
        """Refuse to replace what this study did not make."""
        if not self.place.exists():
            return
        if not self.place.is_dir():
            raise RunFolderError(f"{self.place} is a file; choose another place with --out")
        if not any(self.place.iterdir()):
            return
        try:
            found = read_manifest(self.place)
        except RunFolderError:
            raise RunFolderError(
                f"{self.place} holds files but no finished run, so it is left alone; choose another place with --out"
            ) from None
        if found["name"] != self.name or found["kind"] != self.kind:
            raise RunFolderError(
                f"{self.place} belongs to the {found['kind']} `{found['name']}`, not to the {self.kind} "
                f"`{self.name}`; choose another place with --out"
            )
        present = {path.relative_to(self.place).as_posix() for path in self.place.rglob("*") if path.is_file()}
        foreign = sorted(present - found["files"].keys() - {MANIFEST})
        if foreign:
            raise RunFolderError(
                f"{self.place} holds {foreign[0]}, which the run did not write and a new run would remove; move it "
                "elsewhere, or choose another place with --out"
            )

    def _clear_abandoned(self) -> None:
        """Remove what killed runs of this place left; a folder whose process still lives is kept."""
        pattern = re.compile(rf"^\.{re.escape(self.place.name)}\.{re.escape(_HOST)}\.(\d+)\.(partial|old)$")
        for entry in self.place.parent.iterdir():
            match = pattern.match(entry.name)
            if match and not _alive(int(match.group(1))):
                if match.group(2) == "old" and not self.place.exists():
                    entry.rename(self.place)  # killed between the two renames of a file system without exchange
                else:
                    shutil.rmtree(entry, ignore_errors=True)


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _put_in_place(fresh: Path, place: Path) -> None:
    """Put a finished folder where the old one is, in one step where the system can exchange two names."""
    if not place.exists() or not any(place.iterdir()):
        fresh.replace(place)  # POSIX rename takes an empty folder's place
        return
    old = place.parent / f".{place.name}.{_HOST}.{os.getpid()}.old"
    if _exchange(fresh, place):
        fresh.rename(old)
    else:
        place.rename(old)
        fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names atomically by Linux's renameat2; False where there is none."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    at_working_directory, exchange = -100, 2
    done: int = renameat2(at_working_directory, os.fsencode(one), at_working_directory, os.fsencode(other), exchange)
    return done == 0
