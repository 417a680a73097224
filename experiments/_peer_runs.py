"""Runs of theme systems, each in a process of its own environment, kept as files.

A run is measured once. Its file holds labels, keywords and what the run cost, so the tables that are made from it
repeat to the byte though no clock does, and a killed benchmark goes on from the runs it has. A run's name says all that
decides it: texts, system, version (of ours: the code), settings, seed, order, rows. To measure anew, remove the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError

__all__ = ["PEERS", "Run", "Runs", "Texts"]

PEERS = ("bertopic", "keynmf", "topeax", "top2vec")
_PACKAGES = {"bertopic": "bertopic", "keynmf": "turftopic", "topeax": "turftopic", "top2vec": "top2vec"}
_ROOT = Path(__file__).resolve().parent.parent
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Texts:
    """A corpus as the systems get it.

    Attributes
    ----------
    name : str
    texts : tuple of str, length n
    gold : tuple of str or None, length n
        One label a text, None where it has none; empty where the corpus has no labels.
    model : str
        Hash of the embedding model.
    embed : callable
        Gives the texts' vectors, float32, shape (n, n_dimensions); asked only where a run is missing.
    """

    name: str
    texts: tuple[str, ...]
    gold: tuple[str | None, ...] = field(repr=False)
    model: str
    embed: Callable[[Sequence[str]], NDArray[np.float32]] = field(repr=False)

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The texts' vectors."""
        return self.embed(self.texts)

    @cached_property
    def digest(self) -> str:
        """Hash of the texts and of the model that embeds them."""
        return _digest([self.model, list(self.texts)])


@dataclass(frozen=True)
class Run:
    """One fit of one system.

    Attributes
    ----------
    system : str
    settings : tuple of (str, value)
        What differs from the system's defaults.
    seed : int or None
        None leaves a system unseeded, which lets some use all processors.
    order : int
        Seed of the order in which the texts are given; 0 for as they are.
    draw : int
        Number of a random draw of `size` texts; -1 for all texts.
    size : int
    repeat : int
        Tells runs apart that only a clock can.
    alone : bool
        In a process of its own that may use all processors, for times and memory.
    """

    system: str
    settings: tuple[tuple[str, Any], ...] = ()
    seed: int | None = 0
    order: int = 0
    draw: int = -1
    size: int = 0
    repeat: int = 0
    alone: bool = False

    def rows(self, n: int) -> list[int] | None:
        """Give the rows that the run takes of `n` texts, None for all."""
        if self.draw < 0:
            return None
        drawn = np.random.default_rng([2026, self.draw]).choice(n, min(self.size, n), replace=False)
        return sorted(map(int, drawn))


class Runs:
    """The folder of runs, and the way to make those that are missing.

    Parameters
    ----------
    folder : Path
    python : Path
        The Python of the peers' environment.
    requirements : Path
        The file that pins the peers' versions.
    limit : float
        Seconds a run may take.
    progress : callable
    """

    def __init__(self, folder: Path, python: Path, requirements: Path, limit: float, progress: Progress) -> None:
        self.folder = folder
        self.python = python.absolute()  # the runs start elsewhere; a link is kept, since it makes the environment
        self.limit = limit
        self.progress = progress
        self._versions = _pinned(requirements)
        self._own = _own_version()
        self._read: dict[Path, str] = {}

    def version(self, system: str) -> str:
        """Give the version of a system: a peer's release, or a hash of this package's code."""
        return self._versions[_PACKAGES[system]] if system in PEERS else self._own

    def make(self, corpus: Texts, runs: Iterable[Run]) -> dict[Run, dict[str, Any]]:
        """Give the result of each run, made now where there is none.

        Raises
        ------
        InputError
            If a peer's run is missing and its environment is too.
        """
        wanted = list(dict.fromkeys(runs))
        places = {run: self._place(corpus, run) for run in wanted}
        missing = [run for run in wanted if not places[run].is_file()]
        done = len(wanted) - len(missing)
        for batch in _batches(missing):
            if batch[0].system in PEERS and not self.python.is_file():
                raise InputError(
                    f"{self.python}: no such file, and runs of {batch[0].system} are missing; install the peers with "
                    "`make peers`, or leave them out with `--set systems=[]`"
                )
            self._work(corpus, batch, places, f"{corpus.name}: {batch[0].system}", done, len(wanted))
            done += len(batch)
        found = {}
        for run in wanted:
            text = places[run].read_text(encoding="utf-8")
            self._read[places[run]] = hashlib.sha256(text.encode()).hexdigest()
            found[run] = json.loads(text)
        return found

    def inputs(self) -> dict[str, str]:
        """Give one hash for the runs of each system on each corpus that were read."""
        groups: dict[str, list[str]] = {}
        for path, digest in sorted(self._read.items()):
            group = f"runs/{path.parent.name}/{path.name.rsplit('-', 1)[0]}"
            groups.setdefault(group, []).append(f"{path.name} {digest}")
        return {group: _digest(lines) for group, lines in groups.items()}

    def _place(self, corpus: Texts, run: Run) -> Path:
        key = _digest([corpus.digest, self.version(run.system), asdict(run)])
        return self.folder / corpus.name / f"{run.system}-{key[:20]}.json"

    def _work(
        self, corpus: Texts, batch: Sequence[Run], places: dict[Run, Path], label: str, done: int, total: int
    ) -> None:
        todo = list(batch)
        while todo:
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary)
                jobs = [self._job(corpus, run, places[run]) for run in todo]
                (folder / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
                (folder / "texts.json").write_text(json.dumps(corpus.texts), encoding="utf-8")
                np.save(folder / "vectors.npy", corpus.vectors)
                words = self._watch(folder, todo, places, label, done, total)
            left = [run for run in todo if not places[run].is_file()]
            done += len(todo) - len(left)
            if left:  # the process died in the first of these
                _note_death(jobs[todo.index(left[0])], words)
                left = left[1:]
                done += 1
            todo = left
        self.progress(label, done, total)

    def _job(self, corpus: Texts, run: Run, place: Path) -> dict[str, Any]:
        return {
            "system": run.system,
            "settings": dict(run.settings),
            "seed": run.seed,
            "order": run.order,
            "rows": run.rows(len(corpus.texts)),
            "limit": self.limit,
            "out": str(place.resolve()),
        }

    def _watch(self, folder: Path, todo: list[Run], places: dict[Run, Path], label: str, done: int, total: int) -> str:
        peer = todo[0].system in PEERS
        program = [str(self.python), str(_ROOT / "experiments/_peer_worker.py")]
        if not peer:
            program = [sys.executable, "-P", "-m", "experiments._own_worker"]
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", *_THREADS)}
        environment |= {"PYTHONHASHSEED": "0", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        if not peer:
            environment["PYTHONPATH"] = str(_ROOT)
        if not todo[0].alone:
            environment |= dict.fromkeys(_THREADS, "1")
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(
                [*program, str(folder)], stdout=said, stderr=subprocess.STDOUT, env=environment, cwd=folder
            )
            try:
                while process.poll() is None:
                    ready = sum(places[run].is_file() for run in todo)
                    self.progress(label, min(done + ready, total - 1), total)
                    time.sleep(0.3)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        lines = (folder / "said").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"exit {process.returncode}: {lines[-1][:200] if lines else 'it said nothing'}"


def _note_death(job: dict[str, Any], words: str) -> None:
    result = {key: job[key] for key in ("system", "settings", "seed", "order")}
    result |= {"labels": None, "keywords": None, "failed": f"the process died ({words})"}
    result |= {"seconds": None, "import_seconds": None, "peak_mb": None}
    place = Path(job["out"])
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")


def _batches(runs: Sequence[Run]) -> list[list[Run]]:
    """Put runs of one system into one process, but for those that must be alone; the order of the runs is kept."""
    batches: list[list[Run]] = []
    by_system: dict[str, list[Run]] = {}
    for run in runs:
        if run.alone:
            batches.append([run])
        elif run.system in by_system:
            by_system[run.system].append(run)
        else:
            by_system[run.system] = [run]
            batches.append(by_system[run.system])
    return batches


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _pinned(requirements: Path) -> dict[str, str]:
    """Read the versions that a requirements file pins."""
    if not requirements.is_file():
        raise InputError(f"{requirements}: no such file; it must pin the versions of the peers")
    pins = re.findall(r"(?m)^([A-Za-z0-9_.-]+)==(\S+)", requirements.read_text(encoding="utf-8"))
    found = {name.lower(): version for name, version in pins}
    for package in sorted(set(_PACKAGES.values())):
        if package not in found:
            raise InputError(f"{requirements}: it pins no version of {package}; add a line {package}==VERSION")
    return found


def _own_version() -> str:
    """Hash the code that decides what our own theme model finds."""
    files = sorted((_ROOT / "research/themes").glob("*.py"))
    files += [_ROOT / "research/corpus/_stop_words.py", _ROOT / "experiments/_own_worker.py"]
    return _digest([[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in files])[:12]
