"""The vector cache: one SQLite file that several processes may use at once and that a crash cannot spoil."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from research._disk import reason
from research.errors import InputError

__all__ = ["CachedRow", "VectorCache", "default_cache_path", "row_key"]

_LOG = logging.getLogger(__name__)
_SCHEMA = 1
_APPLICATION = 0x4E465645  # "NFVE": tells our files from other SQLite databases
_SQLITE = b"SQLite format 3\0"  # how every SQLite file that is not empty begins
_APPLICATION_AT = slice(68, 72)  # where it has the mark of whose it is
_OUR_MARK = struct.pack(">I", _APPLICATION)
_HEADER = struct.Struct("<IIIII")  # checksum of the rest; n_tokens, n_pieces; rows and columns of the block
_KEYS_A_QUERY = 500
_ELSEWHERE = (
    "give a cache path in a folder on a local disk with free space, or on the command line set XDG_CACHE_HOME to one"
)


class _OtherSchemaError(sqlite3.DatabaseError):
    """A cache that another version of this package wrote."""

    def __init__(self, version: int) -> None:
        super().__init__(f"it has schema {version}, this version needs {_SCHEMA}")
        self.version = version


@dataclass(frozen=True)
class CachedRow:
    """What the cache holds under one key.

    Attributes
    ----------
    block : ndarray of float32, shape (n_segments, n_numbers)
        A paragraph followed by its sentences, or one span; in a row the vector, then the layers.
    n_tokens, n_pieces : int
        Of the paragraph.
    """

    block: NDArray[np.float32]
    n_tokens: int
    n_pieces: int

    def pack(self) -> bytes:
        """Give the bytes that are stored: a header with a checksum, then the raw numbers."""
        block = np.ascontiguousarray(self.block, dtype="<f4")
        rest = _HEADER.pack(0, self.n_tokens, self.n_pieces, *block.shape)[4:] + block.tobytes()
        return struct.pack("<I", zlib.crc32(rest)) + rest

    @staticmethod
    def unpack(data: bytes) -> CachedRow | None:
        """Read the stored bytes; None if they are damaged or hold a number that no model gives."""
        if not isinstance(data, bytes) or len(data) < _HEADER.size:
            return None
        checksum, n_tokens, n_pieces, *shape = _HEADER.unpack_from(data)
        if len(data) != _HEADER.size + 4 * int(np.prod(shape)) or zlib.crc32(memoryview(data)[4:]) != checksum:
            return None
        block = np.frombuffer(data, dtype="<f4", offset=_HEADER.size).reshape(shape)
        return CachedRow(block, n_tokens, n_pieces) if np.isfinite(block).all() else None


def _raise_if_schema_is_damaged(error: BaseException) -> None:
    """Raise as SQLite does of other damage what comes of a damaged schema: it quotes that, or misses what is in it."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, UnicodeDecodeError) or code == sqlite3.SQLITE_ERROR:
        damage = sqlite3.DatabaseError("its schema is damaged")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage from error


def row_key(recipe: str, text: str, sentences: Sequence[tuple[int, int]], span: tuple[int, int] | None = None) -> bytes:
    """Give the key of a paragraph with its sentences, or of a span of it.

    Parameters
    ----------
    recipe : str
        All that decides the bits besides the text: model hash, precision, shape rule, layers.
    text : str
    sentences : sequence of (start, end)
    span : (start, end), optional
    """
    digest = hashlib.sha256(f"{_SCHEMA}\0{recipe}\0".encode())
    digest.update(text.encode("utf-8"))
    digest.update(b"\0" + np.asarray(sentences, dtype="<i8").tobytes())
    if span is not None:
        digest.update(b"span" + np.asarray(span, dtype="<i8").tobytes())
    return digest.digest()


def default_cache_path() -> Path:
    """Give `$XDG_CACHE_HOME/research/vectors.sqlite`, under `~/.cache` where the variable is not set.

    Returns
    -------
    pathlib.Path
        Of a file that need not be there yet.
    """
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "research" / "vectors.sqlite"


class VectorCache:
    """A file of vectors, keyed by text, model and shape rule.

    Every `write` is one transaction: a process that dies loses at most the batch it was writing. Rows that do not
    match their checksum are taken for absent. A cache that can no longer be read is renamed to `*.damaged`, one of
    another version of this package to `*.schema-N`, and a new one is begun, with a warning. Write-ahead logging needs a
    local disk: processes on several machines must not share one file over a network.

    Parameters
    ----------
    path : str or path
        Made with its folders where it does not exist.

    Raises
    ------
    InputError
        If the file cannot be opened or written, or is none that this package made, which is left as it is.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from research.embedding._cache import CachedRow
    >>> with tempfile.TemporaryDirectory() as folder, VectorCache(Path(folder) / "vectors.sqlite") as cache:
    ...     cache.write({b"key": CachedRow(np.ones((1, 2), dtype=np.float32), n_tokens=3, n_pieces=1)})
    ...     cache.read([b"key", b"other"])[b"key"].n_tokens
    3
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser()
        with self._errors_named():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not _SQLITE.startswith(self._begins()[: len(_SQLITE)]):
                self._refuse_unless_ours("a file of another kind")
            self._connection = self._open()

    def __enter__(self) -> VectorCache:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def read(self, keys: Sequence[bytes]) -> dict[bytes, CachedRow]:
        """Give the sound rows among `keys`; absent and damaged ones are left out."""
        found: dict[bytes, CachedRow] = {}
        with self._errors_named():
            try:
                for first in range(0, len(keys), _KEYS_A_QUERY):
                    some = keys[first : first + _KEYS_A_QUERY]
                    marks = ",".join("?" * len(some))
                    query = f"SELECT key, value FROM vectors WHERE key IN ({marks})"
                    for key, value in self._connection.execute(query, some):
                        if (row := CachedRow.unpack(value)) is not None:
                            found[key] = row
            except sqlite3.DatabaseError as error:
                self._begin_anew_if_damaged(error)
        return found

    def write(self, rows: dict[bytes, CachedRow]) -> None:
        """Store rows in one transaction, in the place of older ones under the same keys."""
        packed = [(key, row.pack()) for key, row in rows.items()]
        with self._errors_named():
            try:
                self._insert(packed)
            except sqlite3.DatabaseError as error:
                self._begin_anew_if_damaged(error)
                self._insert(packed)

    def _insert(self, packed: list[tuple[bytes, bytes]]) -> None:
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", packed)

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise InputError(f"The vector cache {self.path} cannot be used ({why}); {_ELSEWHERE}.") from error

    def _open(self) -> sqlite3.Connection:
        # Only one process at a time may make the file or move a damaged one aside.
        with self.path.with_name(self.path.name + ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                return self._connect()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                # Of a file that SQLite itself cannot read, only the header tells whose it was.
                theirs = not _OUR_MARK.startswith(self._begins()[_APPLICATION_AT])
                if theirs and hasattr(error, "sqlite_errorcode"):
                    self._refuse_unless_ours("a damaged SQLite database of something else")
                self._move_aside(error)
                return self._connect()

    def _begins(self) -> bytes:
        if not self.path.exists():
            return b""
        with self.path.open("rb") as file:
            return file.read(_APPLICATION_AT.stop)

    def _refuse_unless_ours(self, what: str) -> None:
        """Let only what once was a cache be moved aside: at the default place nothing else is kept."""
        if self.path.resolve() != default_cache_path().resolve():
            raise InputError(f"cache: {self.path} is not a vector cache but {what}; name another file")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=60)
        connection.text_factory = bytes  # what damage made of a text need not be UTF-8
        try:
            connection.execute("PRAGMA busy_timeout = 60000")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if tables and application != _APPLICATION:
                raise InputError(
                    f"cache: {self.path} is not a vector cache but an SQLite database of something else; name another "
                    "file"
                )
            if tables and version != _SCHEMA:
                raise _OtherSchemaError(version)
            if tables and [row[1] for row in connection.execute("PRAGMA table_info(vectors)")] != [b"key", b"value"]:
                raise sqlite3.DatabaseError("its table of vectors is missing or has other columns")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if not tables:
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                    connection.execute(f"PRAGMA user_version = {_SCHEMA}")
                    connection.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, value BLOB NOT NULL)")
            connection.execute("SELECT key, value FROM vectors LIMIT 1").fetchone()
        except BaseException as error:
            connection.close()
            _raise_if_schema_is_damaged(error)
            raise
        self._inode = self.path.stat().st_ino
        return connection

    def _begin_anew_if_damaged(self, error: sqlite3.DatabaseError) -> None:
        # "Locked" and "disk full" are operational: the file is sound, and moving it aside would lose it for nothing.
        if isinstance(error, sqlite3.OperationalError):
            raise error
        self._connection.close()
        with self.path.with_name(self.path.name + ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.path.exists() and self.path.stat().st_ino == self._inode:  # else another process has done it
                self._move_aside(error)
            self._connection = self._connect()

    def _move_aside(self, error: sqlite3.DatabaseError) -> None:
        # What is damaged helps nobody; the cache of another version may be wanted by that version again.
        ending = f".schema-{error.version}" if isinstance(error, _OtherSchemaError) else ".damaged"
        aside = self.path.with_name(self.path.name + ending)
        self.path.replace(aside)
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        _LOG.warning(
            "The vector cache %s is not usable (%s); it is now %s, which may be removed, and a new one is begun, so "
            "texts are embedded again.",
            self.path,
            error,
            aside.name,
        )
