"""Join the lines of hard-wrapped text, as it is copied from a PDF or an e-mail, into paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from research.corpus._text import clean, split_blocks

__all__ = ["Piece", "pieces_of"]

_WIDTHS = (40, 100)
"""Characters a line between which text is taken for wrapped."""
_FEWEST_BREAKS = 3
# Shares that a document has to reach; wrapped prose is far above all of them, and one line a paragraph far below one.
_IN_BLOCKS = 0.6  # of its characters, in blocks of several lines
_FULL = 0.8  # of the breaks, where the next word would not have fitted
_GO_ON = 0.7  # of the breaks, not after a sentence's end
_SMALL = 0.3  # of the breaks, before a small letter
_FILLED = 0.8  # of the width, which a line and the next word together reach where the break was forced

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»›)\]]*$")
# Items of a list, quoted e-mail, headings, rows of a table, the head of a message.
_MARKED = re.compile(r"\s*(?:[-*+•●▪◦‣·–—>|]|#{1,6}|\(?\d{1,3}[.)]|[A-Z][\w-]+:)\s|\s*>|.*\S(?:\t| {4,})\S")
_HYPHENATED = re.compile(r"([^\W\d_]{2,})-$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
# After these the hyphen stands for the rest of a word: "pre- and post-war".
_AFTER_A_STUB = frozenset(["and", "or", "to", "und", "oder", "bzw", "bis", "et", "ou", "y", "o", "e", "en", "of"])


@dataclass(frozen=True)
class Piece:
    """What is classified as one line.

    Attributes
    ----------
    line : int
        Place of its first line among the document's non-empty lines, from 0.
    text : str
    n_lines : int
        How many lines were joined; 1 where it is a line as it stands.
    """

    line: int
    text: str
    n_lines: int = 1


def pieces_of(text: str) -> list[Piece]:
    r"""Give a document's non-empty lines, those of a paragraph joined where the document is hard-wrapped.

    A document is, where most of it stands in blocks of several lines of at most a hundred characters that break where
    the next word would not have fitted, seldom at the end of a sentence and often before a small letter. Then a line is
    joined to the next of its block, unless that begins an item of a list or a row of a table, or the line breaks before
    it is full.

    Examples
    --------
    >>> begun = "The two ministers met on Monday and signed an\nagreement on the export of grain, which had been ex-\n"
    >>> [piece] = pieces_of(begun + "pected for months, officials of both of the countries\nsaid.")
    >>> piece.n_lines, "had been expected for months, officials" in piece.text
    (4, True)
    """
    blocks = split_blocks(text)
    width = _width_of_wrapped([[clean(line) for line in block] for block in blocks])
    pieces: list[Piece] = []
    at = 0
    hyphened = frozenset(_words_with_hyphens(text)) if width else frozenset()
    for block in blocks:
        groups = _groups(block, width) if width else [[line] for line in block]
        for group in groups:
            joined = group[0] if len(group) == 1 else _joined(group, hyphened)
            pieces.append(Piece(at, joined, len(group)))
            at += len(group)
    return pieces


def _width_of_wrapped(blocks: Sequence[Sequence[str]]) -> int:
    """Give the width that a hard-wrapped document was set to, 0 for another."""
    lines = [line for block in blocks for line in block]
    breaks = [pair for block in blocks for pair in pairwise(block)]
    too_long = sum(len(line) > _WIDTHS[1] for line in lines)
    if len(breaks) < _FEWEST_BREAKS or too_long > 0.05 * len(lines):
        return 0
    if sum(len(line) for block in blocks if len(block) > 1 for line in block) < _IN_BLOCKS * sum(map(len, lines)):
        return 0
    lengths = sorted(len(line) for line, _ in breaks)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    wrapped = (
        _WIDTHS[0] <= width <= _WIDTHS[1]
        and sum(_is_full(line, following, width) for line, following in breaks) >= _FULL * len(breaks)
        and sum(not _SENTENCE_END.search(line) for line, _ in breaks) >= _GO_ON * len(breaks)
        and sum(following[:1].islower() for _, following in breaks) >= _SMALL * len(breaks)
    )
    return width if wrapped else 0


def _is_full(line: str, following: str, width: int) -> bool:
    """Tell whether the next word would hardly have fitted; a set page has ragged or stretched lines."""
    return len(line) + 1 + len(following.split(" ", 1)[0]) > _FILLED * width


def _groups(block: Sequence[str], width: int) -> list[list[str]]:
    """Part a block of a wrapped document into what belongs together; an item or a row always begins anew."""
    marked = [bool(_MARKED.match(line.rstrip())) for line in block]
    if sum(marked) == 1 and not marked[0]:  # a dash or a number that happens to begin a line
        marked = [False] * len(block)
    groups = [[block[0]]]
    for line, following, item in zip(block, block[1:], marked[1:], strict=False):
        now, then = clean(line), clean(following)
        if not item and (then[:1].islower() or _HYPHENATED.search(now) or _is_full(now, then, width)):
            groups[-1].append(following)
        else:
            groups.append([following])
    return groups


def _joined(lines: Sequence[str], hyphened: frozenset[str]) -> str:
    """Join lines with a space; a word that was parted at their edge becomes whole."""
    parts: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        soft = line.rstrip().endswith("\u00ad")
        line, following = clean(line), clean(following)
        stub, rest = _HYPHENATED.search(line), _FIRST_WORD.match(following)
        if soft:
            parts.append(line)
        elif stub and rest and rest.group() not in _AFTER_A_STUB:
            whole = rest.group()[0].islower() and f"{stub.group(1)}-{rest.group()}".casefold() not in hyphened
            parts.append(line[:-1] if whole else line)
        else:
            parts.append(f"{line} ")
    return "".join(parts).strip()


def _words_with_hyphens(text: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"(?<!\w)[^\W\d_]+-[^\W\d_]+(?!\w)", text)]
