from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from research.embedding import Encoder, VectorCache, default_cache_path
from research.embedding._cache import CachedRow, row_key
from research.errors import InputError

from .conftest import TEXTS


def row(value: float, n: int = 2) -> CachedRow:
    return CachedRow(np.full((n, 3), value, dtype=np.float32), n_tokens=7, n_pieces=1)


def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    rows = {f"key {i}".encode(): row(i / 7) for i in range(1200)}
    with VectorCache(tmp_path / "deep" / "c.sqlite") as cache:
        cache.write(rows)
    with VectorCache(tmp_path / "deep" / "c.sqlite") as cache:
        found = cache.read([*rows, b"absent"])
    assert found.keys() == rows.keys()
    assert all(np.array_equal(found[key].block, rows[key].block) for key in rows)
    assert (found[b"key 3"].n_tokens, found[b"key 3"].n_pieces) == (7, 1)


@pytest.mark.parametrize(
    "damage", [lambda v: v[:-1], lambda v: v[:30] + b"x" + v[31:], lambda v: b"", lambda v: "text"]
)
def test_damaged_rows_count_as_absent(damage: object, tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with VectorCache(path) as cache:
        cache.write({b"sound": row(1), b"hurt": row(2)})
    with sqlite3.connect(path) as file:
        (value,) = file.execute("SELECT value FROM vectors WHERE key = ?", (b"hurt",)).fetchone()
        file.execute("UPDATE vectors SET value = ? WHERE key = ?", (damage(value), b"hurt"))  # type: ignore[operator]
    file.close()
    with VectorCache(path) as cache:
        assert cache.read([b"sound", b"hurt"]).keys() == {b"sound"}
        cache.write({b"hurt": row(2)})
        assert cache.read([b"sound", b"hurt"]).keys() == {b"sound", b"hurt"}


def test_a_file_that_is_no_cache_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"not a database" * 500)
    with VectorCache(path) as cache:
        cache.write({b"key": row(1)})
        assert cache.read([b"key"])
    assert (tmp_path / "c.sqlite.damaged").read_bytes().startswith(b"not a database")
    assert "not usable" in caplog.text


def test_another_schema_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with VectorCache(path) as cache:
        cache.write({b"key": row(1)})
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with VectorCache(path) as cache:
        assert not cache.read([b"key"])
    assert (tmp_path / "c.sqlite.damaged").exists()


def test_damage_inside_the_file_does_not_stop_a_run(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    bare = Encoder(tiny).encode(TEXTS)
    Encoder(tiny, cache=path).encode(TEXTS)
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)  # the first page, and with it the schema, stays sound
    path.write_bytes(data)
    encoder = Encoder(tiny, cache=path)
    assert np.array_equal(encoder.encode(TEXTS).vectors, bare.vectors)
    encoder.encode(TEXTS)
    assert encoder.n_from_cache_ == len(TEXTS)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE mine (x)")
    file.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="something else"):
        VectorCache(path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be used"):
        VectorCache(tmp_path / "file" / "c.sqlite")


def test_the_key_takes_in_all_that_decides_the_bits() -> None:
    keys = {
        row_key("recipe", "text", [(0, 4)]),
        row_key("other", "text", [(0, 4)]),
        row_key("recipe", "texts", [(0, 4)]),
        row_key("recipe", "text", [(0, 2), (2, 4)]),
        row_key("recipe", "text", [(0, 4)], (0, 4)),
        row_key("recipe", "text", [(0, 4)], (0, 3)),
    }
    assert len(keys) == 6


def test_two_processes_fill_one_cache(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    code = (
        "import sys; from research.embedding import VectorCache; from research.embedding._cache import CachedRow\n"
        "import numpy as np\n"
        "with VectorCache(sys.argv[1]) as cache:\n"
        "    for i in range(int(sys.argv[2]), int(sys.argv[2]) + 150):\n"
        "        cache.write({str(i).encode(): CachedRow(np.full((2, 3), i, dtype=np.float32), i, 1)})\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path), str(first)]) for first in (0, 100)]
    assert [process.wait(timeout=100) for process in running] == [0, 0]
    with VectorCache(path) as cache:
        found = cache.read([str(i).encode() for i in range(250)])
    assert len(found) == 250 and all(found[str(i).encode()].block[1, 2] == i for i in range(250))
    assert not list(tmp_path.glob("*.damaged"))


def test_the_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_path() == tmp_path / "research" / "vectors.sqlite"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_path() == Path.home() / ".cache" / "research" / "vectors.sqlite"
