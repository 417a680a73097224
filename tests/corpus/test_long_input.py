"""Time grows with the length of a line and the number of lines, not with their square."""

from __future__ import annotations

import time
from collections.abc import Callable

import polars as pl
import pytest

import research
from research.corpus import split_sentences
from research.errors import CorpusError

PROSE = "The two ministers met on Monday and signed an agreement on grain exports, officials said. "
# Far above what any of these takes, and far below what one of them takes that looks at every pair.
LIMIT = 30.0

LINES: dict[str, Callable[[int], str]] = {
    "prose": lambda n: PROSE * (n // len(PROSE)),
    "one word": lambda n: "a" * n,
    "unspaced": lambda n: "中" * n,
    "accents": lambda n: "a" + "\u0301\u0323" * (n // 2),
    **{name: lambda n, part=name: part * (n // len(part)) for name in (*"*_[(`\"'.|-#>", "*a ", " *a", "_a_ ", "a@")},
    **{name: lambda n, part=name: part * (n // len(part)) for name in ("[a](", "![a](", "**a** ", "U.S. ", ". ", "a.")},
}


def read(text: str) -> research.Corpus | None:
    try:
        return research.read_corpus(pl.DataFrame({"id": ["a"], "text": [text]}))
    except CorpusError as error:
        assert "no paragraph" in str(error)
        return None


@pytest.mark.parametrize("name", list(LINES))
def test_a_long_line_is_read(name: str) -> None:
    line = LINES[name](200_000)
    began = time.perf_counter()
    corpus = read(f"{line}\n{PROSE}")
    assert corpus is not None and len(corpus.units) == 2
    split_sentences(line + "a")
    assert time.perf_counter() - began < LIMIT


PAGES: dict[str, Callable[[int], str]] = {
    "words": lambda k: f"word{k}",
    "items": lambda k: f"- item {k}",
    "unstopped": lambda k: f"the road to place{k} is long",
    "prose": lambda k: f"{PROSE}It was agreement number {k} of this kind.",
    "repeats": lambda k: PROSE,
    "headings": lambda k: f"## Heading {k}",
}


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_of_many_lines_is_read(name: str) -> None:
    text = "\n".join([*map(PAGES[name], range(20_000)), PROSE])
    began = time.perf_counter()
    corpus = read(text)
    assert corpus is not None and len(corpus.units) == 20_001
    if name == "repeats":
        assert corpus.paragraphs["n_printed"].to_list() == [20_001]
    assert time.perf_counter() - began < LIMIT


def test_one_paragraph_in_every_document() -> None:
    frame = pl.DataFrame({"id": [f"d{n}" for n in range(3000)], "text": [PROSE] * 3000})
    corpus = research.read_corpus(frame)
    assert corpus.paragraphs["duplicate_of"].to_list() == [None] + ["d0:0"] * 2999
