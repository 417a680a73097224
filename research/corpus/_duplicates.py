"""Paragraphs printed twice: within a document they become one, across documents the later names the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from research.corpus._repeats import first_printings
from research.errors import CorpusError

__all__ = ["check_duplicates", "fold_repeats", "mark_duplicates", "printings"]

# A paragraph that so many unlike reports have, such as a request to subscribe, tells none of them.
_COMMON = 100


def fold_repeats(paragraphs: Sequence[dict[str, Any]]) -> list[int]:
    """Fold paragraphs that repeat an earlier one of their document into it.

    The first keeps its id; its `n_printed` becomes the sum, and a `duplicate_of` that names one folded away names the
    first instead. What counts as a repeat is what does in a document read as text (`first_printings`), so paragraphs
    that were folded once have nothing left to fold.

    Parameters
    ----------
    paragraphs : sequence of dict
        In order, those of a document side by side; changed in place.

    Returns
    -------
    list of int
        For each row the row that it is folded into: its own where it stays.
    """
    documents: dict[str, list[int]] = {}
    for row, paragraph in enumerate(paragraphs):
        documents.setdefault(paragraph["document_id"], []).append(row)
    first = list(range(len(paragraphs)))
    for rows in documents.values():
        for row, place in zip(rows, first_printings([paragraphs[row]["text"] for row in rows]), strict=True):
            first[row] = rows[place]
    names: dict[str, str] = {}
    for row, kept in enumerate(first):
        if row != kept:
            paragraphs[kept]["n_printed"] += paragraphs[row]["n_printed"]
            names[paragraphs[row]["paragraph_id"]] = paragraphs[kept]["paragraph_id"]
    for paragraph in paragraphs:
        original = paragraph.get("duplicate_of")
        if original in names:
            paragraph["duplicate_of"] = names[original]
    return first


def check_duplicates(paragraphs: Sequence[dict[str, Any]], where: Sequence[str]) -> None:
    """Refuse a given `duplicate_of` that names the row's own document, or a row that repeats another itself.

    An id that no row has is fine: the table may be a part of a larger one.

    Parameters
    ----------
    paragraphs : sequence of dict
    where : sequence of str
        What error messages call each.

    Raises
    ------
    CorpusError
    """
    by_id = {paragraph["paragraph_id"]: paragraph for paragraph in paragraphs}
    for paragraph, place in zip(paragraphs, where, strict=True):
        name = paragraph.get("duplicate_of")
        original = by_id.get(name)
        if original is None:
            continue
        if original["document_id"] == paragraph["document_id"]:
            raise CorpusError(
                f"{place} has the duplicate_of `{name}`, a paragraph of its own document `{paragraph['document_id']}`; "
                "name one of another document or leave it empty"
            )
        if original.get("duplicate_of") is not None:
            raise CorpusError(
                f"{place} has the duplicate_of `{name}`, which itself repeats `{original['duplicate_of']}`; "
                "name the first printing, whose own duplicate_of is empty"
            )


def mark_duplicates(paragraphs: list[dict[str, Any]]) -> None:
    """Set `duplicate_of`, where it is not set, to the first paragraph of another document with the same text."""
    for row, first in enumerate(first_printings([paragraph["text"] for paragraph in paragraphs])):
        earlier = paragraphs[first]
        other = earlier["document_id"] != paragraphs[row]["document_id"]
        paragraphs[row].setdefault("duplicate_of", earlier["paragraph_id"] if other else None)


def printings(paragraphs: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Say which documents print what another one does: an agency's report in several outlets.

    A document is a printing of another if paragraphs that both have (word for word or nearly, `mark_duplicates`) make
    up at least half of the words of the shorter of the two, since outlets cut such reports and add to them.

    Parameters
    ----------
    paragraphs : sequence of dict
        With `document_id`, `paragraph_id`, `text` and `duplicate_of`, documents in order.

    Returns
    -------
    dict of str to str
        For each document that is a printing the first document with the report, which is none itself.

    Examples
    --------
    >>> text = "The ministers met on Friday and signed it."
    >>> first = {"document_id": "a", "paragraph_id": "a:0", "text": text, "duplicate_of": None}
    >>> printings([first, {"document_id": "b", "paragraph_id": "b:0", "text": text, "duplicate_of": "a:0"}])
    {'b': 'a'}
    """
    by_document: dict[str, list[tuple[str, int]]] = {}
    for paragraph in paragraphs:
        printed = paragraph["duplicate_of"] or paragraph["paragraph_id"]
        by_document.setdefault(paragraph["document_id"], []).append((printed, len(paragraph["text"].split())))
    words = {document: sum(n_words for _, n_words in held) for document, held in by_document.items()}
    reports_with: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for document, held in by_document.items():
        # A printing shares with all the earlier printings of the report together what the report has; each paragraph
        # counts for every report that has it, wherever it was printed first.
        with_report: Counter[str] = Counter()
        for printed, n_words in held:
            for report in reports_with.get(printed, ()):
                with_report[report] += n_words
        found = [(n, name) for name, n in with_report.items() if 2 * n >= min(words[document], words[name])]
        if found:
            first[document] = min(found, key=lambda pair: (-pair[0], pair[1]))[1]
        for printed, _ in held:
            reports = reports_with.setdefault(printed, set())
            if len(reports) < _COMMON:
                reports.add(first.get(document, document))
    return first
