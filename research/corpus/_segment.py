"""Say of every non-empty line of every document what it is, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from research._tables import UNKNOWN
from research.corpus._page import Line, Page, Recurrence, looks_markdown, make_lines
from research.corpus._repeats import first_printings, word_similarity
from research.corpus._rules import RULES
from research.corpus._text import clean, match_key
from research.corpus._unwrap import Piece, pieces_of

__all__ = ["JOINED", "Source", "Unit", "segment"]

JOINED = "hard-wrapped lines joined"
"""How the reason of a unit ends whose lines were joined."""


@dataclass(frozen=True)
class Source:
    """A document before it is segmented.

    Attributes
    ----------
    document_id : str
    text : str
    metadata : dict of str to str
        At least `outlet`, `date`, `title` and `url`; `unknown` where missing.
    markdown : bool
        Whether the file's ending says that it is markdown.
    """

    document_id: str
    text: str
    metadata: dict[str, str]
    markdown: bool = False


@dataclass(frozen=True)
class Unit:
    """One non-empty line of a document and what it is.

    Attributes
    ----------
    line : int
        Its place among the document's non-empty lines, from 0; of lines that were joined, the first one's.
    kind : str
        One of title, heading, paragraph, caption, boilerplate, repeat.
    reason : str
        The rule and its evidence.
    text : str
        White space and form of characters normalised, markdown marks stripped.
    n_printed : int
        How often the document prints it, near repeats included.
    """

    line: int
    kind: str
    reason: str
    text: str
    n_printed: int = 1


def segment(sources: Sequence[Source]) -> list[list[Unit]]:
    r"""Classify every non-empty line of the documents; of hard-wrapped text, every paragraph (`pieces_of`).

    The lines of all documents are counted first, since a line that stands in several otherwise different documents is
    furniture. Then each document is put through `RULES` and its repeats are marked: a line that repeats an earlier one
    is a `repeat` whatever that one is, and a paragraph that nearly repeats an earlier paragraph is one too.

    Parameters
    ----------
    sources : sequence of Source
        Their order does not matter.

    Returns
    -------
    list of list of Unit
        For each source, in the given order, one unit for each of its non-empty lines, joined or not.

    Examples
    --------
    >>> page = "A Treaty Is Signed in Geneva\nThe two ministers signed it on Friday.\nRead more"
    >>> known = dict(outlet="unknown", date="unknown", title="unknown", url="unknown")
    >>> [unit.kind for unit in segment([Source("a", page, known)])[0]]
    ['title', 'paragraph', 'boilerplate']
    """
    pieces = [pieces_of(source.text) for source in sources]
    documents = [make_lines([piece.text for piece in those]) for those in pieces]
    recurring = _recurrences(documents, [source.metadata["outlet"] for source in sources])
    return [
        _segment_one(source, those, lines, recurring)
        for source, those, lines in zip(sources, pieces, documents, strict=True)
    ]


def _recurrences(documents: Sequence[Sequence[Line]], outlets: Sequence[str]) -> dict[str, Recurrence]:
    """Count, for each line that stands in three documents or more, those that share less than half of their words."""
    counts = Counter(key for lines in documents for key in {line.key for line in lines})
    per_line: Counter[str] = Counter()
    per_outlet: defaultdict[str, Counter[str]] = defaultdict(Counter)
    sizes = Counter(outlets)
    for lines, outlet in zip(documents, outlets, strict=True):
        words = sum(line.n_words for line in lines)
        shared = sum(line.n_words for line in lines if counts[line.key] > 1)
        if 2 * shared >= words:
            continue
        for key in {line.key for line in lines}:
            if counts[key] >= 3:
                per_line[key] += 1
                per_outlet[key][outlet] += 1
    return {
        key: Recurrence(n, max(count / sizes[outlet] for outlet, count in per_outlet[key].items()))
        for key, n in per_line.items()
        if n >= 3
    }


def _segment_one(
    source: Source, pieces: Sequence[Piece], lines: list[Line], recurring: dict[str, Recurrence]
) -> list[Unit]:
    page = Page(
        lines, source.markdown or looks_markdown(lines), _known(source, "title"), _known(source, "author"), recurring
    )
    for kind, rule in RULES:
        page.refresh()
        claims = [(i, rule(page, i)) for i in range(len(lines)) if page.kinds[i] is None]
        for i, evidence in claims:
            if evidence is not None:
                page.kinds[i] = kind
                page.reasons[i] = _reason(rule.__name__.replace("_", " "), evidence)
    for i, line in enumerate(lines):
        if page.kinds[i] is None:
            page.kinds[i] = "paragraph"
            page.reasons[i] = (
                f"running text: {line.n_words} words that end as a sentence does"
                if line.ends
                else f"kept in doubt: {line.n_words} words without a stop, and no rule against them"
            )
    return _mark_repeats(page, pieces)


def _reason(rule: str, evidence: str) -> str:
    """Join a rule and its evidence, without saying twice what the evidence begins with."""
    said = evidence.removeprefix("a ").removeprefix("an ")
    return evidence if said == rule or said.startswith(f"{rule}:") else f"{rule}: {evidence}"


def _known(source: Source, key: str) -> str:
    value = source.metadata.get(key, UNKNOWN)
    return "" if value == UNKNOWN else match_key(clean(value))


def _mark_repeats(page: Page, pieces: Sequence[Piece]) -> list[Unit]:
    kinds = [kind or "paragraph" for kind in page.kinds]
    reasons = list(page.reasons)
    printed = [1] * len(page.lines)
    first: dict[str, int] = {}
    for i, line in enumerate(page.lines):
        k = first.setdefault(line.key or line.raw, i)
        if k != i:
            printed[k] += 1
            kinds[i], reasons[i] = "repeat", f"repeats line {pieces[k].line} word for word"
    rows = [i for i, kind in enumerate(kinds) if kind == "paragraph"]
    for place, k in enumerate(first_printings([page.lines[i].text for i in rows])):
        i, earlier = rows[place], rows[k]
        if i != earlier:
            printed[earlier] += printed[i]
            shared = word_similarity(page.lines[i].text, page.lines[earlier].text)
            kinds[i] = "repeat"
            reasons[i] = f"nearly repeats line {pieces[earlier].line}: {shared:.0%} of their words in common"
    return [
        Unit(piece.line, kinds[i], f"{reasons[i]}{_of_joined(piece)}", page.lines[i].text, printed[i])
        for i, piece in enumerate(pieces)
    ]


def _of_joined(piece: Piece) -> str:
    return f"; {piece.n_lines} {JOINED}" if piece.n_lines > 1 else ""
