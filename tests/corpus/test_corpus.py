"""Reading files, tables and frames, and refusing what cannot be read."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import polars as pl
import pytest

from research._tables import check_table
from research.corpus import Corpus, read_corpus, representatives
from research.errors import ConfigError, CorpusError

ONE = "The ministers met on Friday in the old town to speak about the harbour."
TWO = "They agreed on a plan that both parliaments have to accept by the summer."


def same(a: Corpus, b: Corpus) -> bool:
    return a.documents.equals(b.documents) and a.units.equals(b.units) and a.paragraphs.equals(b.paragraphs)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b_x.txt").write_text(f"{ONE}\nRead more\n{TWO}", encoding="utf-8-sig")
    (tmp_path / "a_x.md").write_text(f"# Title of it\n\n{ONE}\n", encoding="utf-8")
    return tmp_path


def test_files_in_any_order_give_the_same_tables(folder: Path) -> None:
    paths = [folder / "a_x.md", folder / "b_x.txt"]
    corpus = read_corpus(paths)
    assert same(corpus, read_corpus(paths[::-1]))
    assert same(corpus, read_corpus(str(folder / "*")))
    assert corpus.paragraphs["paragraph_id"].to_list() == ["a:1", "b:0", "b:2"]
    assert corpus.paragraphs["position"].to_list() == [0, 0, 1]
    assert corpus.paragraphs["duplicate_of"].to_list() == [None, "a:1", None]
    assert representatives(corpus.paragraphs).tolist() == [0, 0, 2]
    assert representatives(corpus.paragraphs[1:]).tolist() == [0, 1]
    assert list(corpus.files) == ["a_x.md", "b_x.txt"]
    check_table("units", corpus.units)


def test_every_kind_of_table_reads_alike(tmp_path: Path) -> None:
    rows = [
        {"id": "2", "text": f"{TWO}\nAdvertisement", "outlet": "The Post", "date": "2024-05-01", "lean": None},
        {"id": "1", "text": f"{ONE}\n{TWO}", "outlet": "", "date": "May 3, 2024", "lean": "left"},
    ]
    frame = pl.DataFrame(rows)
    frame.write_csv(tmp_path / "t.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    lines = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "t.jsonl").write_text(lines)
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    corpus = read_corpus(frame)
    assert corpus.documents.rows() == [
        ("1", "unknown", "2024-05-03", "unknown", "unknown", "left"),
        ("2", "The Post", "2024-05-01", "unknown", "unknown", "unknown"),
    ]
    assert corpus.documents.columns[-1] == "lean"
    pandas = pytest.importorskip("pandas")
    others = [
        pandas.DataFrame(rows),
        frame.reverse(),
        *(tmp_path / f"t.{end}" for end in ("csv", "parquet", "jsonl", "jsonl.gz")),
    ]
    assert all(same(corpus, read_corpus(other)) for other in others)
    assert same(corpus, read_corpus(frame.rename({"text": "body", "id": "key"}), text="body", id_column="key"))


def test_rows_as_paragraphs_are_taken_as_they_are() -> None:
    frame = pl.DataFrame({"text": ["Read more", ONE, "Short"], "outlet": ["A", "B", None]})
    corpus = read_corpus(frame, rows="paragraphs")
    assert corpus.paragraphs["paragraph_id"].to_list() == ["table:0", "table:1", "table:2"]
    assert corpus.paragraphs["text"].to_list() == frame["text"].to_list()
    assert corpus.paragraphs["outlet"].to_list() == ["A", "B", "unknown"]
    assert len(read_corpus(frame[:1], rows="paragraphs").paragraphs) == 1


def test_paragraphs_of_a_corpus_come_back_unchanged(folder: Path) -> None:
    corpus = read_corpus(str(folder / "*"))
    shuffled = corpus.paragraphs[random.Random(0).sample(range(3), 3)]
    again = read_corpus(shuffled, rows="paragraphs")
    assert again.paragraphs.equals(corpus.paragraphs)
    check_table("units", again.units)


def test_metadata_file(folder: Path) -> None:
    file = folder / "metadata.yaml"
    file.write_text('"a":\n  outlet: The Post\n  date: 2024-05-01\n  section: World\n')
    corpus = read_corpus([folder / "a_x.md", folder / "b_x.txt"], metadata=file)
    assert corpus.documents.rows()[0] == ("a", "The Post", "2024-05-01", "unknown", "unknown", "World")
    assert corpus.paragraphs["outlet"].to_list() == ["The Post", "unknown", "unknown"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('"c":\n  outlet: x', "`c`"),
        ('"a": x', "`a`"),
        ('"a":\n  outlet: [x]', "outlet"),
        ('"a":\n  date: 3/4/2024', "3/4/2024"),
        ('"a": !!python/object/apply:os.system ["true"]', "line 1"),
        ('"a":\n  outlet: "x', "line"),
        ("a: b: c", "line 1"),
    ],
)
def test_wrong_metadata_is_one_sentence(folder: Path, content: str, says: str) -> None:
    file = folder / "metadata.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_corpus(folder / "a_x.md", metadata=file)
    message = str(caught.value)
    assert "metadata.yaml" in message
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"\xef\xbb\xbf \n", "empty"),
        ("a.txt", b"\xef\xbb\xbfabc \xff", "byte 7"),
        ("a.txt", b"Advertisement\n***", "no paragraph"),
        ("a.pdf", b"x", ".pdf"),
        ("a.csv", b"id,body\n1,x", "`body`"),
        ("a.csv", b"id,text\n1,x\n2,\n", "row 1"),
        ("a.csv", b"id,text\n1,x,y\n", "row 0"),
        ("a.csv", b"id,text\n1,One is here.\n1,Two is here.\n", "`1`"),
        ("a.csv", b"text\nOne is here.\nTwo is here.\n", "`id`"),
        ("a.jsonl", b'{"id": 1, "text": "x"}\n{"id": 2, "text": 3}', "row 1"),
        ("a.jsonl", b'{"id": 1}\n[', "line 2"),
        ("a.jsonl.gz", b"no", "gzip"),
        ("a.parquet", b"no parquet", "parquet"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        read_corpus(tmp_path / name)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sources_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a_1.txt").write_text(ONE)
    (tmp_path / "a_2.txt").write_text(TWO)
    for source, says in [
        (tmp_path / "none" / "*.txt", "does not exist"),
        (tmp_path / "*.md", "no file matches"),
        (tmp_path / "b.txt", "no such file"),
        (tmp_path, "is a folder"),
        ([], "empty"),
        (tmp_path / "*.txt", "document id `a`"),
    ]:
        with pytest.raises(CorpusError, match=says):
            read_corpus(source if isinstance(source, list) else str(source))
    with pytest.raises(CorpusError, match="tables only"):
        read_corpus(tmp_path / "a_1.txt", rows="paragraphs")
    with pytest.raises(CorpusError, match="a dict"):
        read_corpus({"text": ["x"]})  # type: ignore[arg-type]
