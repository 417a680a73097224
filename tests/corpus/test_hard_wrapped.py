"""Text copied from a PDF or an e-mail, whose lines are no paragraphs."""

from __future__ import annotations

import textwrap
import time

import polars as pl
import pytest

import research
from research.corpus import Corpus

PARAGRAPHS = (
    "Takings at the harbour have fallen by a quarter since the men began to dig up the road for the new tram, traders "
    "told the paper yesterday, and many of them fear for their shops.",
    "The works, which began on Monday, are meant to prepare for the closure of the quay. The council has not even "
    "voted on it, and a well-known lawyer said that it could not do so before the summer.",
    "The traders will march on the town hall on Wednesday at five, an hour before the council meets. They expect that "
    "two thousand people will come, and the police have asked for help from other towns.",
)


def read(text: str, *more: str) -> Corpus:
    texts = [text, *more]
    return research.read_corpus(pl.DataFrame({"id": [f"d{n}" for n in range(len(texts))], "text": texts}))


def wrap(*paragraphs: str, width: int = 66) -> str:
    return "\n\n".join(textwrap.fill(each, width, break_on_hyphens=False) for each in paragraphs)


@pytest.mark.parametrize("width", [50, 66, 80, 98])
def test_the_lines_of_a_block_are_joined(width: int) -> None:
    corpus = read(wrap(*PARAGRAPHS, width=width))
    assert corpus.texts == list(PARAGRAPHS)
    lines = [textwrap.wrap(each, width, break_on_hyphens=False) for each in PARAGRAPHS]
    assert corpus.units["line"].to_list() == [0, len(lines[0]), len(lines[0]) + len(lines[1])]
    assert corpus.paragraphs["paragraph_id"][1] == f"d0:{len(lines[0])}"
    assert all(
        f"{len(own)} hard-wrapped lines joined" in said for own, said in zip(lines, corpus.units["reason"], strict=True)
    )


def test_what_surrounds_the_blocks_stays_as_it_is() -> None:
    page = (
        f"THE HERALD, Saturday, 14 March 2026   Page 7\n\nShoppers flee\nBy Rob Danner\n\n{wrap(*PARAGRAPHS)}\n\n   7\n"
    )
    corpus = read(page)
    assert corpus.texts[-3:] == list(PARAGRAPHS)
    assert corpus.units["line"].to_list()[:4] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("I have not slept since Mon-\nday, and", "since Monday, and"),
        ("It is a well-\nknown case, and", "a well-known case, and"),  # so it stands elsewhere in the text
        ("It is a mat-\nter of the Anglo-\nFrench sort, and", "a matter of the Anglo-French sort, and"),
        ("There are many pre- \nand post-war houses", "pre- and post-war houses"),
        ("I have not slept since Mon\u00ad\nday, and", "since Monday, and"),
    ],
)
def test_words_parted_at_the_end_of_a_line(lines: str, joined: str) -> None:
    text = f"The baker on the corner of the old market said to us: {lines} nothing that the city says will change it."
    assert joined in read(f"{wrap(*PARAGRAPHS, width=60)}\n\n{text}").texts[-1]


def test_lists_and_quotes_in_a_wrapped_text() -> None:
    items = "- the road to the harbour is to be closed from the first of May\n- the tram is to run every five minutes, "
    items += "also on Sundays\n- the shops are to be paid for their losses by the city itself"
    corpus = read(f"{wrap(*PARAGRAPHS)}\n\n{items}\n\n> he wrote that the men had begun to\n> dig up the road for it")
    assert len(corpus.units) == 3 + 3 + 2


SENTENCES = [sentence for each in PARAGRAPHS for sentence in each.split(". ")]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(PARAGRAPHS),
        "\n\n".join(PARAGRAPHS),
        "\n".join(f"{sentence.removesuffix('.')}." for sentence in SENTENCES),
        "\n".join(f"Talks on the harbour road of town number {n} fail once more" for n in range(30)),
        "\n".join(["Roses are red", "and violets are blue", "sugar is sweet", "and so are you"] * 6),
        f"{wrap(PARAGRAPHS[0])}\n\n" + "\n\n".join(PARAGRAPHS * 2),
    ],
)
def test_a_line_a_paragraph_stays_one(text: str) -> None:
    n_lines = sum(bool(line.strip()) for line in text.split("\n"))
    corpus = read(text)
    assert len(corpus.units) == n_lines and not corpus.units["reason"].str.contains("joined").any()


def test_each_document_is_judged_by_its_own_shape() -> None:
    corpus = read(wrap(*PARAGRAPHS), "\n".join(PARAGRAPHS))
    assert corpus.texts == [*PARAGRAPHS, *PARAGRAPHS]


def test_a_long_wrapped_text_is_read() -> None:
    text = wrap(*(f"{PARAGRAPHS[n % 3]} It was number {n}." for n in range(6000)))
    began = time.perf_counter()
    assert "joined" in read(text).units["reason"][0]
    one_block = wrap(" ".join(PARAGRAPHS * 2000))
    research.read_corpus(pl.DataFrame({"id": ["a"], "text": [one_block]}))
    assert time.perf_counter() - began < 30
