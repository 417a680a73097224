"""Paragraphs written for this project in the manner of the world's press, which two coders labelled.

The labelled news is American, and American news hardly praises what states do together. These texts stand in for the
press that does: state agencies, ministries, partners' supplements, and the reports and analyses beside them. Language
models wrote them, in articles of three paragraphs, without being told what they would be scored by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from experiments._news_sample import text_hash
from research.errors import InputError

__all__ = ["Marked", "unmarked", "world_press"]

_MARK = re.compile(r"\[\[(\d):([^\]]+)\]\]")


@dataclass(frozen=True)
class Marked:
    """A paragraph without its marks, and where they stood.

    Attributes
    ----------
    text : str
    mentions : list of (int, int, int)
        Target, from 0; first character; character after the last.
    """

    text: str
    mentions: list[tuple[int, int, int]]


def unmarked(marked: str) -> Marked:
    """Take the marks out of ``[[1:Kenya]] signed``.

    Examples
    --------
    >>> unmarked("[[1:Kenya]] signed the [[2:pact]].")
    Marked(text='Kenya signed the pact.', mentions=[(0, 0, 5), (1, 17, 21)])
    """
    text, mentions, end = "", [], 0
    for found in _MARK.finditer(marked):
        text += marked[end : found.start()]
        mentions.append((int(found[1]) - 1, len(text), len(text) + len(found[2])))
        text += found[2]
        end = found.end()
    return Marked(text + marked[end:], mentions)


def world_press(folder: Path) -> tuple[pl.DataFrame, list[Marked]]:
    """Read the paragraphs.

    Returns
    -------
    sample : polars.DataFrame
        paragraph_id, topic, stratum, targets, text_hash, as samples of a corpus have them.
    paragraphs : list of Marked

    Raises
    ------
    InputError
        If the file is missing.
    """
    path = folder / "paragraphs.csv"
    if not path.is_file():
        raise InputError(f"{path}: no such file; the key must name the folder with the paragraphs and their labels")
    frame = pl.read_csv(path, infer_schema=False)
    paragraphs = [unmarked(text) for text in frame["text"]]
    sample = frame.select(
        "paragraph_id",
        topic=pl.col("subject"),
        stratum=pl.col("genre"),
        targets=pl.col("targets"),
        text_hash=pl.Series([text_hash(each.text) for each in paragraphs]),
    )
    return sample, paragraphs
