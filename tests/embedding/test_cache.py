from __future__ import annotations

import errno
import os
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


def test_what_lost_its_header_at_the_default_place_is_moved_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = default_cache_path()
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 500)
    with VectorCache(path) as cache:
        cache.write({b"key": row(1)})
        assert cache.read([b"key"])
    assert path.with_name("vectors.sqlite.damaged").read_bytes().startswith(b"not a database")
    assert "not usable" in caplog.text


def sqlite_of_others(path: Path) -> bytes:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE mine (x)")
    file.close()
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["text", "short text", "damaged database"])
def test_a_file_that_never_was_a_cache_is_refused_and_left_as_it_is(tmp_path: Path, tiny: Path, kind: str) -> None:
    path = tmp_path / "mydata.csv"
    content = {"text": b"id,text\na,Rain fell.\n" * 50, "short text": b"x"}
    data = content[kind] if kind in content else sqlite_of_others(path)[:100] + b"\xff" * 9000
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"cache: .*mydata\.csv is not a vector cache but .*; name another file"):
        Encoder(tiny, cache=path).encode(TEXTS)
    assert path.read_bytes() == data and not list(tmp_path.glob("*.damaged"))


def test_an_empty_file_becomes_a_cache(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").touch()
    with VectorCache(tmp_path / "c.sqlite") as cache:
        cache.write({b"key": row(1)})
        assert cache.read([b"key"])


def test_another_schema_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with VectorCache(path) as cache:
        cache.write({b"key": row(1)})
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with VectorCache(path) as cache:
        assert not cache.read([b"key"])
    assert (tmp_path / "c.sqlite.schema-99").exists() and not (tmp_path / "c.sqlite.damaged").exists()


@pytest.mark.parametrize("keep", [1, 50, 500, 4096, 100_000])
def test_a_cut_file_is_moved_aside_or_begun_anew(tmp_path: Path, keep: int, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "c.sqlite"
    with VectorCache(path) as cache:
        cache.write({f"key {i}".encode(): row(i, n=100) for i in range(200)})
    path.write_bytes(path.read_bytes()[:keep])
    with VectorCache(path) as cache:
        cache.read([f"key {i}".encode() for i in range(200)])
        cache.write({b"new": row(1)})
        assert cache.read([b"new"])
    assert keep == 1 or "not usable" in caplog.text


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE other (x)",
        "CREATE TABLE vectors (a, b)",
        "CREATE TABLE vectors (key BLOB PRIMARY KEY, value BLOB, more INTEGER NOT NULL)",
    ],
)
def test_a_wrong_table_is_moved_aside(tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "c.sqlite"
    with VectorCache(path) as cache:
        cache.write({b"key": row(1)})
    with sqlite3.connect(path) as file:
        file.execute("DROP TABLE vectors")
        file.execute(table)
    file.close()
    with VectorCache(path) as cache:
        cache.write({b"key": row(1)})
        assert cache.read([b"key"])
    assert (tmp_path / "c.sqlite.damaged").exists() and "embedded again" in caplog.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"CREATE TABLE", b"CREATE\xb1TABLE"),
        (b"tablevectorsvectors", b"tabl\xb1vectorsvectors"),
        (b"tablevectorsvectors", b"tablevec\xb1orsvectors"),
        (b"tablevectorsvectors", b"uablevectorsvectors"),
        (b"value BLOB", b"val\xb1e BLOB"),
    ],
)
def test_a_damaged_schema_is_moved_aside(before: bytes, after: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with VectorCache(path) as cache:
        cache.write({b"key": row(1)})
    hurt = path.read_bytes()
    assert hurt.count(before) == 1
    path.write_bytes(hurt.replace(before, after))
    with VectorCache(path) as cache:
        assert cache.read([b"key"]) == {}
        cache.write({b"key": row(2)})
    assert (tmp_path / "c.sqlite.damaged").read_bytes() == hurt.replace(before, after)
    with VectorCache(path) as cache:
        assert cache.read([b"key"]).keys() == {b"key"}


def test_a_damaged_schema_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE notes (text TEXT)")
    file.close()
    hurt = path.read_bytes().replace(b"CREATE TABLE", b"CREATE\xb1TABLE")
    path.write_bytes(hurt)
    with pytest.raises(InputError, match="a damaged SQLite database of something else"):
        VectorCache(path)
    assert path.read_bytes() == hurt


def test_numbers_that_no_model_gives_are_not_taken(tmp_path: Path) -> None:
    with VectorCache(tmp_path / "c.sqlite") as cache:
        cache.write({b"hurt": row(np.nan), b"sound": row(1)})
        assert cache.read([b"hurt", b"sound"]).keys() == {b"sound"}


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
    before = sqlite_of_others(path)
    with pytest.raises(InputError, match="something else"):
        VectorCache(path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "c.sqlite", tmp_path / "folder"):
        with pytest.raises(InputError, match=r"cannot be used .*XDG_CACHE_HOME"):
            VectorCache(path)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_refuses_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def no(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", no)  # as root, no permission would bind
    with pytest.raises(InputError, match=r"The vector cache .*c\.sqlite cannot be used") as caught:
        VectorCache(tmp_path / "c.sqlite")
    assert "Errno" not in str(caught.value)


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
