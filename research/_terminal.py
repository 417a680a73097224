"""What a person at a terminal sees of long work: progress, the log, and errors in one sentence."""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from research._disk import refused
from research.errors import InputError, ResearchError

__all__ = ["TerminalProgress", "exit_with", "say", "short", "work"]

_INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
_WRONG = 2
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


class _LogFile(logging.FileHandler):
    """A log that is added to, since a file of this name may be somebody's, and that a full disk ends quietly."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="a", encoding="utf-8")
        self._failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        error = sys.exc_info()[1]
        if not self._failed:
            self._failed = True
            why = refused(error) if isinstance(error, OSError) else str(error)
            _complain(f"the log {self.baseFilename} is not written any further: {why}")

    def emit(self, record: logging.LogRecord) -> None:
        if not self._failed:
            super().emit(record)

    def close(self) -> None:
        try:
            super().close()
        except OSError:  # what is still to be written has no room either
            self._failed = True


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
                try:
                    path[0].parent.mkdir(parents=True, exist_ok=True)
                    file = _LogFile(path[0])
                except OSError as error:
                    raise InputError(f"log file {path[0]}: {refused(error)} (--log-file)") from None
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


class _Stopped(SystemExit):
    """The system asked the program to end; it leaves by way of everything that cleans up."""


def _stop(number: int, frame: object) -> None:
    raise _Stopped(128 + number)


def exit_with(command: Callable[[], Any]) -> None:
    """Run a command and leave the program with its exit code.

    0 done, 1 a check failed, 2 the input or the system is wrong, 130 stopped by Ctrl-C, 143 by a request to end.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            # What is ignored stays ignored: `nohup` wants it so.
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _stop)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal may lack the letters of a text
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command()
        if code == _INTERRUPTED:  # typer turns Ctrl-C into this code
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else 0)
    except ResearchError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except _Stopped as stopped:
        _complain(f"asked to end; {_GOES_ON}")
        sys.exit(stopped.code)
    except MemoryError:
        _complain("memory is used up; end other programs, split the corpus, or use a machine with more of it")
        sys.exit(_WRONG)
    except BrokenPipeError:
        _drop_output()
        sys.exit(0)
    except OSError as error:
        _complain(f"{error.filename or 'a file'}: {refused(error)}")
        _drop_output()
        sys.exit(_WRONG)
    except Exception as error:
        import typer

        if isinstance(error, typer.Abort):
            _interrupted()
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            # Wrong usage. typer may carry a click of its own, whose exceptions are not those of the package click.
            error.show()
            sys.exit(error.exit_code)
        _complain(
            f"this should not have happened ({type(error).__name__}: {error}); run it again with --verbose for the "
            "traceback, and please report it"
        )
        sys.exit(_INTERNAL_ERROR)


_GOES_ON = "what was embedded is in the cache, and the same command goes on from there"


def _interrupted() -> None:
    _complain(f"stopped; {_GOES_ON}")
    sys.exit(_INTERRUPTED)


def short(path: Path) -> Path:
    """Give the path as a person in the current folder would type it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def say(text: str) -> None:
    """Print to standard output; once nobody reads it any more (`| head`), do the rest of the work in silence.

    Raises
    ------
    InputError
        If what standard output is sent to cannot take it.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _drop_output()
        raise InputError(f"standard output: {refused(error)}, or send it elsewhere") from None


def _drop_output() -> None:
    """Send standard output nowhere, or Python would try again, and complain, at the end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # closed, or no file at all
        return


def _complain(sentence: str) -> None:
    print(f"research: {' '.join(sentence.split())}", file=sys.stderr)
