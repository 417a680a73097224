"""What a person at a terminal sees of long work: progress, the log, and errors in one sentence."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from research.errors import InputError, ResearchError

__all__ = ["TerminalProgress", "exit_with", "work"]

_INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
_INTERRUPTED = 130

_log = logging.getLogger("research")


class TerminalProgress:
    """A progress callable: ``progress(label, done, total)``.

    Draws bars on standard error if that is a terminal. Each finished stage is logged with its time either way.
    Use it as a context, so that the terminal is left clean on an error.
    """

    def __init__(self) -> None:
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}
        self._since: dict[str, float] = {}

    def __enter__(self) -> TerminalProgress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TaskProgressColumn,
                TextColumn,
                TimeElapsedColumn,
                TimeRemainingColumn,
            )

            self._bars = Progress(
                TextColumn("{task.description:<12}"),
                BarColumn(),
                TaskProgressColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, label: str, done: int, total: int) -> None:
        now = time.perf_counter()
        since = self._since.setdefault(label, now)
        seconds = now - since
        rate = f"{done / seconds:,.0f}/s" if total > 1 and done and seconds > 0.5 else ""
        if done >= total:
            _log.info("%s: %d of %d in %.1f s %s", label, done, total, seconds, rate)
            self._since.pop(label)
        if self._bars is not None:
            if label not in self._tasks:
                self._tasks[label] = self._bars.add_task(label, total=total, rate="")
            self._bars.update(self._tasks[label], completed=done, total=total, rate=rate)


@contextmanager
def work(verbose: bool) -> Iterator[tuple[Callable[[str, int, int], None], Callable[[Path], None]]]:
    """Set up progress and logging for one command.

    Yields
    ------
    progress : callable
        ``progress(label, done, total)``.
    log_to : callable
        Takes the log file's path. The file is written once work has begun: wrong input leaves nothing behind.
    """
    _log.setLevel(logging.DEBUG)
    _log.propagate = False
    screen = logging.StreamHandler()
    screen.setLevel(logging.DEBUG if verbose else logging.WARNING)
    screen.setFormatter(logging.Formatter("%(message)s"))
    held = logging.handlers.MemoryHandler(capacity=10_000, flushLevel=logging.CRITICAL + 1, flushOnClose=False)
    logging.captureWarnings(True)
    third_party = logging.getLogger("py.warnings")
    third_party.propagate = verbose
    for handler in (screen, held):
        _log.addHandler(handler)
    third_party.addHandler(held)
    path: list[Path] = []

    def log_to(place: Path) -> None:
        place = place.absolute()
        above = next(folder for folder in place.parents if folder.exists())
        if place.is_dir() or not above.is_dir() or not os.access(place if place.exists() else above, os.W_OK):
            raise InputError(f"log file {place}: it cannot be written; choose another with --log-file")
        path.append(place)

    with TerminalProgress() as bars:

        def progress(label: str, done: int, total: int) -> None:
            if path and held.target is None:
                path[0].parent.mkdir(parents=True, exist_ok=True)
                # Added to what is there: a file of this name may be somebody's.
                file = logging.FileHandler(path[0], mode="a", encoding="utf-8")
                file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
                held.setTarget(file)
                held.flushLevel = logging.DEBUG
                held.flush()
            bars(label, done, total)

        try:
            yield progress, log_to
        except ResearchError as error:
            _log.info("refused: %s", error)
            raise
        except Exception:
            _log.debug("unexpected error", exc_info=True)
            raise
        finally:
            for handler in (screen, held):
                _log.removeHandler(handler)
            third_party.removeHandler(held)
            if held.target is not None:
                held.target.close()


def exit_with(command: Callable[[], Any]) -> None:
    """Run a command and leave the program with its exit code: 0 done, 1 a check failed, 2 the input is wrong."""
    import typer

    try:
        code = command()
        if code == _INTERRUPTED:  # typer turns Ctrl-C into this code
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else 0)
    except ResearchError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _complain("stopped; what was embedded is in the cache, and the same command goes on from there")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            # Wrong usage. typer may carry a click of its own, whose exceptions are not those of the package click.
            error.show()
            sys.exit(error.exit_code)
        _complain(
            f"this should not have happened ({type(error).__name__}: {error}); run it again with --verbose for the "
            "traceback, and please report it"
        )
        sys.exit(_INTERNAL_ERROR)


def _complain(sentence: str) -> None:
    print(f"research: {' '.join(sentence.split())}", file=sys.stderr)
