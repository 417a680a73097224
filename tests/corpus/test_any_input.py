"""Whatever bytes and characters come in: a corpus that accounts for every line, or one of this package's errors."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import research
from research.corpus import Corpus, split_sentences
from research.errors import CorpusError, ResearchError
from research.framing import Anchors
from research.themes import Codebook

PARAGRAPH = "The two ministers met on Monday and signed an agreement on grain exports, officials said."
ROWS = [{"id": f"d{n}", "text": PARAGRAPH.replace("Monday", day), "date": "2025-12-05"} for n, day in enumerate("abc")]
quick = settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

_ANY = st.characters(codec=None, exclude_categories=())
_LINES = st.one_of(
    st.text(_ANY, max_size=40),
    st.text("*_`#>[]()!|.\"'-– \u200b\u00ad\u0301\u0323", max_size=60),
    st.builds(lambda part, n: part * n, st.text(_ANY, min_size=1, max_size=3), st.integers(1, 3000)),
    st.sampled_from(
        [PARAGRAPH, "By Jane Doe", "Read more", "# Title", "- item", "Photo: AP", "Why now?", "中文没有空格。"]
    ),
)
_DOCUMENTS = st.lists(st.lists(_LINES, max_size=12), min_size=1, max_size=3)


def _holds_together(corpus: Corpus, documents: dict[str, str]) -> None:
    for name, text in documents.items():
        lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
        assert corpus.units.filter(pl.col("document_id") == name)["line"].to_list() == list(range(len(lines)))
    ids = corpus.paragraphs["paragraph_id"]
    assert ids.n_unique() == len(ids)
    kept = {
        f"{d}:{line}"
        for d, line, kind in corpus.units.select("document_id", "line", "kind").rows()
        if kind == "paragraph"
    }
    assert set(ids) == kept
    repeats = corpus.units.filter(pl.col("kind") == "repeat")
    printed = corpus.paragraphs["n_printed"]
    assert printed.min() >= 1 and printed.sum() <= len(kept) + len(repeats)
    for text in corpus.texts:
        sentences = split_sentences(text)
        covered = "".join(text[a:b] for a, b in sentences)
        assert "".join(covered.split()) == "".join(text.split())


@quick
@given(_DOCUMENTS)
def test_any_documents_keep_every_line_or_are_refused(documents: list[list[str]]) -> None:
    texts = {f"d{n}": "\n".join(lines) for n, lines in enumerate(documents)}
    frame = pl.DataFrame if all(_whole(text) for text in texts.values()) else _pandas_frame
    try:
        corpus = research.read_corpus(frame({"id": list(texts), "text": list(texts.values())}))
    except CorpusError:
        return
    _holds_together(corpus, texts)


@quick
@given(_DOCUMENTS)
def test_paragraphs_and_repeats_add_up(documents: list[list[str]]) -> None:
    """With a paragraph of prose between them, no line of prose is lost, however often it comes."""
    lines = [line for part in documents for line in part]
    text = "\n".join([*lines, PARAGRAPH, *lines, PARAGRAPH, PARAGRAPH])
    if not _whole(text):
        return
    corpus = research.read_corpus(pl.DataFrame({"id": ["a"], "text": [text]}))
    _holds_together(corpus, {"a": text})
    own = corpus.paragraphs.filter(pl.col("text") == PARAGRAPH)
    assert own["n_printed"].to_list() == [3 + 2 * lines.count(PARAGRAPH)]


def _whole(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _pandas_frame(data: dict[str, list[str]]) -> object:
    return pytest.importorskip("pandas").DataFrame(data, dtype=object)


def _bytes_of(write: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


_JSONL = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
_FRAME = pl.DataFrame(ROWS)
_AXIS = """name: mood
label: Mood
language: en
positive: warm
neutral: plain
negative: cold
anchors:
  - subject: a
    warm: A splendid day for everyone in the city.
    plain: It rained on Monday in the city.
    cold: A dismal day for everyone in the city.
"""
_CODEBOOK = """name: small
label: Small
themes:
  - name: trade
    label: Trade
    definition: Buying and selling between countries.
    anchors: [The two countries signed a deal on grain.]
"""
FILES = {
    "d.csv": (_bytes_of(_FRAME.write_csv), research.read_corpus),
    "d.jsonl": (_JSONL, research.read_corpus),
    "d.jsonl.gz": (gzip.compress(_JSONL, mtime=0), research.read_corpus),
    "d.parquet": (_bytes_of(lambda b: _FRAME.write_parquet(b, compression="zstd")), research.read_corpus),
    "plain.parquet": (_bytes_of(lambda b: _FRAME.write_parquet(b, compression="uncompressed")), research.read_corpus),
    "d.txt": (f"A Title\n\n{PARAGRAPH}\nZürich — a “quote”.\n".encode(), research.read_corpus),
    "d.md": (f"# A Title\n\n{PARAGRAPH} **bold** [link](https://example.org)\n".encode(), research.read_corpus),
    "codebook.yaml": (_CODEBOOK.encode(), Codebook.load),
    "axis.yaml": (_AXIS.encode(), Anchors.load),
    "metadata.yaml": (b"d0: {outlet: The Hill, date: 2025-12-05, n: 3}\nd1: {outlet: Fox, url: 'http://a'}\n", None),
}


_MARKS = st.sampled_from([b"\0", b"\xff", b"\n", b'"', b",", b"{", b"[", b":", b"&a *a"])


@st.composite
def _damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """Flip, cut, double or insert a few bytes."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        to = draw(st.integers(at, min(at + 40, len(data))))
        data = draw(
            st.sampled_from(
                [
                    data[:at] + draw(st.binary(min_size=1, max_size=3)) + data[at + 1 :],
                    data[:at] + data[to:],
                    data[:at],
                    data[:to] + data[at:],
                    data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:],
                    data[:at]
                    + draw(st.sampled_from([b"\0", b"\xff", b"\n", b'"', b",", b"{", b"[", b":", b"&a *a"]))
                    + data[at:],
                ]
            )
        )
    return data


@pytest.mark.parametrize("name", list(FILES))
@quick
@given(data=st.data())
def test_damaged_files_are_read_or_refused(name: str, data: st.DataObject, tmp_path: Path) -> None:
    good, read = FILES[name]
    path = tmp_path / name
    path.write_bytes(data.draw(_damaged(good)))
    try:
        if read is None:
            research.read_corpus(_FRAME, metadata=path)
        else:
            read(path)
    except ResearchError as error:
        assert name in str(error) or "document" in str(error)
