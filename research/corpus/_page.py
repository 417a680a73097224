"""A document as its lines, with what the rules have decided so far."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from research.corpus._text import clean, count_words, ends_sentence, is_title_case, match_key, strip_marks

__all__ = ["MARKED", "Line", "Page", "Recurrence", "looks_markdown", "make_lines"]

MARKED = re.compile(r"(#{1,6})\s+(?=.*[^\W\d_])")
"""A line marked as a heading of markdown; group 1 is the mark."""
_ATX = re.compile(r"#{1,6}\s+(?:\*\*|__)?[^\W_]")
_EDGES = " .:;,!?|-*_#>»›<«()[]{}\"'•·→▸▶…+/\\"
_FENCE_OR_BOLD = re.compile(r"(?:\d+[.)]\s+)?\*\*[^*]+\*\*:?$|[-*]\s+\S|!?\[[^\]]+\]\([^)]+\)")


@dataclass(frozen=True)
class Line:
    """One non-empty line.

    Attributes
    ----------
    raw : str
        White space normalised, markdown marks kept.
    text : str
        The same with markdown marks stripped.
    key : str
        What it must share with another line to count as the same (`match_key`).
    bare : str
        The key without punctuation at its ends.
    n_words : int
    ends : bool
        Whether it ends as running text does.
    is_prose : bool
        Whether it is plainly running text: six words that end as running text does and are no question set like a
        title, or twenty words not set like one.
    """

    raw: str
    text: str
    key: str
    bare: str
    n_words: int
    ends: bool
    is_prose: bool


@dataclass(frozen=True)
class Recurrence:
    """In how many documents of the corpus a line stands.

    Attributes
    ----------
    n_documents : int
        Documents with the line that share less than half of their words with others: reprints of one article do not
        count, so that an article printed by many outlets is not taken for furniture.
    share : float
        The greatest share of an outlet's documents that have it, in [0, 1].
    """

    n_documents: int
    share: float


@dataclass
class Page:
    """The lines of one document, and the kind and reason of those decided so far.

    Attributes
    ----------
    lines : list of Line
    markdown : bool
    title : str
        `match_key` of the title the metadata give; empty where they do not.
    author : str
        The same of the author.
    recurring : mapping of str to Recurrence
        By `Line.key`.
    kinds, reasons : list, one entry a line
        None while undecided.
    first_prose, last_prose : int or None
        The first and last undecided line that is plainly running text; set before each rule.
    first_of_four_words : int or None
        The first undecided line of at least four words; set before each rule.
    titled : bool
        Whether a line is decided to be the title; set before each rule.
    """

    lines: list[Line]
    markdown: bool
    title: str = ""
    author: str = ""
    recurring: Mapping[str, Recurrence] = field(default_factory=dict)
    kinds: list[str | None] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    first_prose: int | None = None
    last_prose: int | None = None
    first_of_four_words: int | None = None
    titled: bool = False
    _prose: list[int] = field(default_factory=list, repr=False)
    _prose_of: dict[str, list[int]] = field(default_factory=dict, repr=False)
    _those: dict[Callable[[Page, int], bool], frozenset[int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.kinds = [None] * len(self.lines)
        self.reasons = [""] * len(self.lines)
        self.refresh()

    def refresh(self) -> None:
        """Look through the lines once for what a rule would else look for at each of them."""
        undecided = [i for i, kind in enumerate(self.kinds) if kind is None]
        self._prose = [i for i in undecided if self.lines[i].is_prose]
        self._prose_of = {}
        self._those = {}
        for i in self._prose:
            self._prose_of.setdefault(self.lines[i].key, []).append(i)
        self.first_prose, self.last_prose = (self._prose[0], self._prose[-1]) if self._prose else (None, None)
        self.first_of_four_words = next((i for i in undecided if self.lines[i].n_words >= 4), None)
        self.titled = "title" in self.kinds

    def those(self, fits: Callable[[Page, int], bool]) -> frozenset[int]:
        """Give the lines that pass a test, looked for once before each rule."""
        if fits not in self._those:
            self._those[fits] = frozenset(i for i in range(len(self.lines)) if fits(self, i))
        return self._those[fits]

    def n_prose_after(self, i: int) -> int:
        """Count the undecided lines of running text below line `i` that do not repeat it."""
        same = self._prose_of.get(self.lines[i].key, [])
        return len(self._prose) - bisect_right(self._prose, i) - (len(same) - bisect_right(same, i))


def make_lines(raw_lines: Sequence[str]) -> list[Line]:
    """Clean a document's lines and note what the rules look at."""
    lines = []
    for raw in raw_lines:
        cleaned = clean(raw)
        text = clean(strip_marks(cleaned))  # a mark that goes may leave two spaces
        key = match_key(text)
        n_words = count_words(text)
        ends = ends_sentence(text)
        titled = is_title_case(text)
        is_prose = n_words >= 6 and not (titled and text.endswith("?")) if ends else n_words >= 20 and not titled
        lines.append(Line(cleaned, text, key, key.strip(_EDGES), n_words, ends, is_prose))
    return lines


def looks_markdown(lines: Sequence[Line]) -> bool:
    """Tell whether a text is written in markdown: two `#` headings, or one beside bold lines, items or links."""
    headings = sum(bool(_ATX.match(line.raw)) for line in lines)
    return headings >= 2 or (headings == 1 and any(_FENCE_OR_BOLD.match(line.raw) for line in lines))
