"""Clean a line: white space, invisible characters, markdown marks; count its words; see whether it ends a sentence."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

__all__ = ["clean", "count_words", "ends_sentence", "is_title_case", "match_key", "split_blocks", "strip_marks"]

_NEWLINE = re.compile(r"\r\n|\r|\n")
_SPACE = re.compile(r"\s+")
# zero-width characters, soft hyphens, byte-order marks and control characters: nothing a reader sees
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\x00-\x08\x0e-\x1b\x7f]")
# Unicode's own limit for a letter's marks (UAX 15, stream-safe text); sorting more of them takes their number squared
_MARKS = re.compile("([\u0300-\u036f]{30})[\u0300-\u036f]+")
# scripts written without spaces between words: two characters count as a word
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
# where a word begins: the first letter or digit after white space, so that a run of marks is looked at once
_WORD = re.compile(r"(?<!\S)[^\w\s]*\w")

_HEADING_MARK = re.compile(r"^#{1,6}\s+(?=\S)|\s+#{1,6}$")
_QUOTE_MARK = re.compile(r"^(?:>\s*)+(?=\S)")
_BULLET = re.compile(r"^[-*+•●▪◦‣·–—]\s+(?=\S)")
_NUMBER = re.compile(r"^\d{1,3}[.)]\s+(?=\*\*|__)")
# No opening bracket within brackets: else each of many that nothing closes is followed to the end of the line.
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
_LINK = re.compile(r"\[([^\[\]]+)\]\((?:[^()\s]|\([^()\s]*\))+(?:\s+\"[^\"]*\")?\)")
_CODE = re.compile(r"`([^`]+)`")
# an opening mark stands after a space or bracket and a closing one before a space or stop, so `f***` and `a_b` stay
_OPENING = re.compile(r"(?<![\w*_])(?:\*{1,3}|_{1,3})(?=[^\s*_])")
_CLOSING = re.compile(r"(?<=[^\s*_])(?:\*{1,3}|_{1,3})(?![\w*_])")

_CLOSERS = "\"'”’»›)]}*_`"
_STOPS = ".!?…:;,。！？；：।॥؟۔؛،—–"
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})


def split_blocks(text: str) -> list[list[str]]:
    r"""Give a document's non-empty lines, in blocks parted by blank ones; a newline has any of three spellings.

    Examples
    --------
    >>> split_blocks("One.\r\nTwo.\r\n\r\n Three.")
    [['One.', 'Two.'], [' Three.']]
    """
    blocks: list[list[str]] = [[]]
    for line in _NEWLINE.split(text):
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def clean(text: str) -> str:
    r"""Bring to NFC, drop characters that cannot be seen, and make every run of white space one space.

    Examples
    --------
    >>> clean("  Ein\u00a0 Satz.\t")
    'Ein Satz.'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _MARKS.sub(r"\1", text))
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def strip_marks(line: str) -> str:
    """Strip the marks of markdown from a cleaned line: heading, quote and list marks, emphasis, links, code.

    A link keeps its words and loses its address; an image keeps its alternative text. A number before an item stays,
    because "1." may be part of what is said, unless bold text follows it.

    Examples
    --------
    >>> strip_marks("- The **long** [road](https://example.org) ahead.")
    'The long road ahead.'
    """
    line = _BULLET.sub("", _QUOTE_MARK.sub("", _HEADING_MARK.sub("", line)))
    line = _NUMBER.sub("", line)
    line = _LINK.sub(r"\1", _IMAGE.sub(r"\1", line))
    for _ in range(2):  # bold within italics
        line = _without_emphasis(line)
    return _CODE.sub(r"\1", line).strip()


def _without_emphasis(line: str) -> str:
    """Drop each opening mark and the next closing mark of its kind; in one pass, for any length of line."""
    closing: dict[str, list[int]] = {}
    for match in _CLOSING.finditer(line):
        closing.setdefault(match.group(), []).append(match.start())
    if not closing:
        return line
    parts: list[str] = []
    at = 0
    for opening in _OPENING.finditer(line):
        places = closing.get(opening.group(), [])
        following = bisect_right(places, opening.end())
        if opening.start() < at or following == len(places):
            continue
        end = places[following]
        parts += line[at : opening.start()], line[opening.end() : end]
        at = end + len(opening.group())
    return "".join(parts) + line[at:]


def count_words(text: str) -> int:
    """Count the words; in scripts without spaces two characters count as one.

    Parameters
    ----------
    text : str

    Returns
    -------
    int

    Examples
    --------
    >>> count_words("Talks - at last - began.")
    4
    """
    unspaced = 0 if text.isascii() else len(text) - len(_UNSPACED.sub("", text))
    return len(_WORD.findall(text)) + unspaced // 2


def ends_sentence(text: str) -> bool:
    """Tell whether a line ends as running text does: a stop, comma, colon or dash, whatever quote or bracket follows.

    Examples
    --------
    >>> ends_sentence("“We will wait.”"), ends_sentence("‘Contempt’ for rule of law")
    (True, False)
    """
    text = text.rstrip(_CLOSERS + " ")
    return text.endswith(tuple(_STOPS))


def is_title_case(text: str) -> bool:
    """Tell whether at least three quarters of the words of four letters or more begin with a capital.

    Examples
    --------
    >>> is_title_case("Focus on Energy and Defense"), is_title_case("Officials reached a deal in Geneva")
    (True, False)
    """
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", text) if len(word) >= 4]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= 2 and capitals >= 0.75 * len(words)


def match_key(text: str) -> str:
    """Give what two lines must share to count as the same: letter case and the shape of quotes and dashes set aside.

    Examples
    --------
    >>> match_key("“Yes” — he said") == match_key('"yes" - he said')
    True
    """
    return text.translate(_STRAIGHT).casefold()
