"""What a corpus and a study's targets leave doubtful, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl

from research.corpus import JOINED, count_words
from research.stance import alias_pattern

if TYPE_CHECKING:
    from research.corpus import Corpus
    from research.stance import Target

__all__ = ["metadata_notes", "text_notes", "unheard_targets", "warn_of_dates"]

LONG_PARAGRAPH = 400
"""Words above which a paragraph is named: several, it seems, that stand on one line."""
_UNKNOWN = "unknown"


def metadata_notes(documents: pl.DataFrame) -> list[str]:
    """Name the documents without an outlet or a date where others have one."""
    notes = []
    for field in ("outlet", "date"):
        without = documents.filter(pl.col(field) == _UNKNOWN).get_column("document_id").to_list()
        if 0 < len(without) < len(documents):
            notes.append(
                f"{len(without)} of {len(documents)} documents {_have(without)} no {field} ({_shown(without)}) "
                f"and {'counts' if len(without) == 1 else 'count'} as `{_UNKNOWN}`; say it in the "
                "metadata where it is known."
            )
    return notes


def text_notes(corpus: Corpus) -> list[str]:
    """Name the documents that hold no paragraph, those that were unwrapped, and the very long paragraphs."""
    notes = []
    there = set(corpus.paragraphs.get_column("document_id").to_list())
    empty = [name for name in corpus.documents.get_column("document_id").to_list() if name not in there]
    if empty:
        notes.append(
            f"{len(empty)} of {len(corpus.documents)} documents {_have(empty)} no paragraph ({_shown(empty)}) and "
            f"{'is' if len(empty) == 1 else 'are'} in no estimate; the table “units” says what their lines were taken "
            "for."
        )
    joined = corpus.units.filter(pl.col("reason").str.ends_with(JOINED)).get_column("document_id").unique().sort()
    if len(joined):
        notes.append(
            f"The lines of {len(joined)} hard-wrapped document{'s' if len(joined) != 1 else ''} were joined into "
            f"paragraphs ({_shown(joined.to_list())}); look at {'them' if len(joined) != 1 else 'it'} before you rely "
            "on where paragraphs begin."
        )
    sizes = [count_words(text) for text in corpus.texts]
    long = [
        name
        for name, size in zip(corpus.paragraphs.get_column("paragraph_id").to_list(), sizes, strict=True)
        if size > LONG_PARAGRAPH
    ]
    if long:
        notes.append(
            f"{len(long)} paragraph{'s have' if len(long) != 1 else ' has'} more than {LONG_PARAGRAPH} words "
            f"({_shown(long)}): one line is one paragraph, so each is scored as a whole; put its paragraphs on "
            "lines of their own."
        )
    return notes


def unheard_targets(targets: Sequence[Target], texts: Sequence[str]) -> list[str]:
    """Name the targets none of whose aliases the texts hold."""
    notes = []
    for target in targets:
        aliases = (*target.aliases, *target.shared_aliases)
        if aliases:
            pattern = alias_pattern(aliases)
            if not any(pattern.search(text) for text in texts):
                notes.append(f"Target `{target.name}`: none of its aliases ({', '.join(aliases)}) occurs in the texts.")
    return notes


def warn_of_dates(documents: pl.DataFrame, today: date | None = None) -> list[str]:
    """Name the documents of a future date: for the terminal, since a report must not change with the day."""
    limit = (today or datetime.now(UTC).date()).isoformat()
    late = [
        (name, day)
        for name, day in documents.select("document_id", "date").iter_rows()
        if day != _UNKNOWN and day > limit[: len(day)]
    ]
    if not late:
        return []
    shown = _shown([f"{name}: {day}" for name, day in late])
    return [f"{len(late)} document{'s have dates' if len(late) != 1 else ' has a date'} in the future ({shown})"]


def _have(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
