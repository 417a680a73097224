"""The run folder: written beside its place, finished by its manifest, put in place by one rename."""

from __future__ import annotations

import ctypes
import fcntl
import itertools
import json
import logging
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from research._csv import safe_csv
from research._disk import refused
from research.errors import RunFolderError
from research.study._manifest import MANIFEST, SCHEMA, file_hash, lies_inside, read_manifest

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from research.figures import Plot

__all__ = ["RunFolder"]

_log = logging.getLogger("research")
_HOST = re.sub(r"\W", "-", platform.node()) or "host"


class RunFolder:
    """A run's folder while it is being written.

    Use it as a context: on leaving without an error the manifest is written and the folder put in its place; on an
    error, or a kill, what is there stays as it was. Two runs may write to one place: each has a folder of its own
    until it is whole, and the one that ends last stays. A file of the earlier run that was changed by hand is not
    lost: that run's folder is then kept under another name, with a warning.

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
        self._own = f".{self.place.name}.{_HOST}.{os.getpid()}"
        number = next(_NUMBERS)  # one process, too, may have two runs
        self.path = self.place.parent / f"{self._own}-{number}.partial"

    def __enter__(self) -> RunFolder:
        above = next(folder for folder in self.place.parents if folder.exists())
        if not above.is_dir() or not os.access(above, os.W_OK):
            raise RunFolderError(f"{above}: cannot be written to; choose another place with --out")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            _OPEN.discard(self.path)
            shutil.rmtree(self.path, ignore_errors=True)

    def _finish(self) -> None:
        self._begin()
        with self._refusals(MANIFEST):
            files = sorted(path for path in self.path.rglob("*") if path.is_file())
            hashes = {path.relative_to(self.path).as_posix(): file_hash(path) for path in files}
        manifest = {
            "schema": SCHEMA,
            "name": self.name,
            "kind": self.kind,
            **self.facts,
            "files": hashes,
            "run": self.run,
        }
        self.write_text(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        with _alone(self.place.parent):
            self._refuse_foreign()
            with self._refusals(""):
                self._put_in_place(self._changed_by_hand())

    def file(self, relative: str) -> Path:
        """Give the path of a file in the folder, its parents made; one that would lie outside is refused."""
        if not lies_inside(relative):
            raise RunFolderError(f"{relative!r} would lie outside the run folder")
        self._begin()
        path = self.path / relative
        with self._refusals(relative):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_text(self, relative: str, text: str) -> None:
        """Write a text file as UTF-8 with Unix line ends."""
        path = self.file(relative)
        with self._refusals(relative):
            path.write_text(text, encoding="utf-8", newline="\n")

    def write_table(self, name: str, frame: pl.DataFrame) -> None:
        """Write a table as parquet and as CSV."""
        relative = f"tables/{name}.parquet"
        path = self.file(relative)
        with self._refusals(relative):
            frame.write_parquet(path, compression="zstd", statistics=True)
        self.write_text(f"tables/{name}.csv", safe_csv(frame))

    def write_plot(self, plot: Plot) -> None:
        """Write a figure in every format, with its numbers."""
        relative = f"figures/{plot.name}"
        path = self.file(relative)
        with self._refusals(relative):
            plot.save(path.parent)

    def write_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Write an estimator's state: arrays as safetensors, the rest as JSON."""
        import numpy as np
        from safetensors.numpy import save

        relative = f"model/{name}.safetensors"
        path = self.file(relative)
        whole = save({key: np.ascontiguousarray(array) for key, array in sorted(arrays.items())})
        with self._refusals(relative):
            path.write_bytes(whole)
        self.write_text(f"model/{name}.json", json.dumps(meta, indent=2, ensure_ascii=False, sort_keys=True) + "\n")

    @contextmanager
    def _refusals(self, relative: str) -> Iterator[None]:
        """Turn what the system refuses into one sentence that names the file by the place it would have had."""
        try:
            yield
        except OSError as error:
            earlier = "; the earlier run there is as it was" if self.place.exists() else ""
            raise RunFolderError(
                f"{self.place / relative}: cannot be written, {refused(error)}, or choose another place with "
                f"--out{earlier}"
            ) from None

    def _begin(self) -> None:
        """Make the folder when the first file is written: wrong input leaves nothing behind."""
        if self.path in _OPEN:
            return
        with self._refusals(""):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self._clear_abandoned()
            self.path.mkdir()
        _OPEN.add(self.path)

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
                f"{self.place} holds files but no finished run that can be read, so it is left alone; move it away, or "
                "choose another place with --out"
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
        pattern = re.compile(rf"^\.{re.escape(self.place.name)}\.{re.escape(_HOST)}\.(\d+)(-\d+)?\.(partial|old)$")
        for entry in self.place.parent.iterdir():
            match = pattern.match(entry.name)
            if match and entry not in _OPEN and not _alive(int(match.group(1))):
                if match.group(3) == "old" and not self.place.exists():
                    entry.rename(self.place)  # killed between the two renames of a file system without exchange
                else:
                    shutil.rmtree(entry, ignore_errors=True)

    def _changed_by_hand(self) -> str | None:
        """Name a file of the earlier run that is not as that run wrote it, if there is one."""
        if not (self.place / MANIFEST).is_file():
            return None
        for relative, digest in read_manifest(self.place)["files"].items():
            path = self.place / relative
            if path.is_file() and file_hash(path) != digest:
                return str(relative)
        return None

    def _put_in_place(self, changed: str | None) -> None:
        """Put the finished folder where the old one is, in one step where the system can exchange two names."""
        if not self.place.exists() or not any(self.place.iterdir()):
            self.path.replace(self.place)  # POSIX rename takes an empty folder's place
            return
        old = self.path.with_suffix(".old")
        if changed is not None:
            kept = (self.place.with_name(f"{self.place.name}.changed-{n}") for n in itertools.count(1))
            old = next(name for name in kept if not name.exists())
        if _exchange(self.path, self.place):
            # What this folder's name now holds is the earlier run; unless it is kept, leaving removes it.
            if changed is not None:
                _or_undo(self.path, old, lambda: _exchange(self.path, self.place))
        else:
            self.place.rename(old)
            _or_undo(self.path, self.place, lambda: old.rename(self.place))
            if changed is None:
                shutil.rmtree(old, ignore_errors=True)
        if changed is not None:
            _log.warning(
                "%s was changed since its run; the folder of that run is kept as %s", self.place / changed, old
            )


def _or_undo(path: Path, target: Path, undo: Callable[[], object]) -> None:
    try:
        path.rename(target)
    except BaseException:
        undo()
        raise


_NUMBERS = itertools.count(1)
_OPEN: set[Path] = set()
"""The folders that this process is writing."""


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


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """Keep other runs of this machine from changing what lies in a folder while one puts its result there."""
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot lock a folder
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
