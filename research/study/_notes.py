"""What a corpus, its groups and a study's targets leave doubtful, in sentences, and on the terminal."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from research._tables import UNKNOWN
from research.corpus import JOINED, VALIDATED_LANGUAGES, count_words, other_language
from research.figures._tables import no_comparison
from research.stance import alias_pattern

if TYPE_CHECKING:
    from research.corpus import Corpus
    from research.stance import Target

__all__ = [
    "corpus_notes",
    "group_notes",
    "metadata_notes",
    "text_notes",
    "told",
    "unheard_targets",
    "warn_of_dates",
]

_log = logging.getLogger("research")

LONG_PARAGRAPH = 400
"""Words above which a paragraph is named: several, it seems, that stand on one line."""


def corpus_notes(study: Any, corpus: Corpus) -> list[str]:
    """Say in words what the corpus cannot carry."""
    notes = []
    n_documents = corpus.paragraphs.get_column("document_id").n_unique()
    if study.language not in VALIDATED_LANGUAGES:
        notes.append(
            f"The language `{study.language}` has not been validated: sentence splitting follows a plain rule, and the "
            "anchors and style features were written for English."
        )
    others, n_judged = other_language(corpus.paragraphs, study.language)
    if others:
        shown = ", ".join(others[:5]) + (", …" if len(others) > 5 else "")
        notes.append(
            f"Hardly any function word of the language `{study.language}` stands in {len(others)} of {n_judged} "
            f"document{'s' if n_judged != 1 else ''} whose language could be judged ({shown}): another language, it "
            "seems, or no running text. Anchors, codebook and style features do not fit such texts; set `language`, "
            "or leave them out."
        )
        _log.warning("%s", notes[-1])
    if n_documents < 20:
        notes.append(
            f"{n_documents} document{'s were' if n_documents != 1 else ' was'} read. Documents are what was sampled, "
            "so this corpus supports no claim about outlets or about coverage at large: where groups of documents "
            "differ, that is a hint about documents like these."
        )
    printings = corpus.printings
    if printings:
        n_reports = len(set(printings.values()))
        dates = dict(corpus.documents.select("document_id", "date").iter_rows())
        pairs = [
            f"“{name}” that of “{first}”{_when(dates[name], dates[first])}" for name, first in sorted(printings.items())
        ]
        shown = ", ".join(pairs[:5]) + (", …" if len(pairs) > 5 else "")
        notes.append(
            f"{len(pairs)} document{'s print' if len(pairs) != 1 else ' prints'} the text of {n_reports} other"
            f"{'s' if n_reports != 1 else ''} ({shown}): such documents are not independent of one another. What they "
            "share counts once, with the document named last; `corpus.repeats: printed` counts it in each."
        )
    notes += [*metadata_notes(corpus.documents), *text_notes(corpus)]
    told(warn_of_dates(corpus.documents))
    left_out = corpus.units.filter(pl.col("kind") != "paragraph")
    if len(left_out):
        kinds = left_out.group_by("kind").len().sort("kind")
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.iter_rows())
        notes.append(
            f"{len(left_out)} of {len(corpus.units)} lines are no paragraphs ({listed}); the table “units” says why."
        )
    return notes


def metadata_notes(documents: pl.DataFrame) -> list[str]:
    """Name the documents without an outlet or a date where others have one."""
    notes = []
    for field in ("outlet", "date"):
        without = documents.filter(pl.col(field) == UNKNOWN).get_column("document_id").to_list()
        if 0 < len(without) < len(documents):
            notes.append(
                f"{len(without)} of {len(documents)} documents {_have(without)} no {field} ({_shown(without)}) "
                f"and {'counts' if len(without) == 1 else 'count'} as `{UNKNOWN}`; say it in the "
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
        if day != UNKNOWN and day > limit[: len(day)]
    ]
    if not late:
        return []
    shown = _shown([f"{name}: {day}" for name, day in late])
    return [f"{len(late)} document{'s have dates' if len(late) != 1 else ' has a date'} in the future ({shown})"]


def group_notes(estimates: pl.DataFrame, column: str | None) -> list[str]:
    """Say why outlets, or other groups of documents, cannot be compared."""
    if column is None:
        return []
    asked = ("framing", "stance", "theme_share")
    quantity = next((name for name in asked if name in estimates.get_column("quantity")), asked[0])
    why = no_comparison(estimates, column, quantity)
    return [why] if why else []


def told(notes: list[str]) -> list[str]:
    """Say notes on the terminal too."""
    for note in notes:
        _log.warning("%s", note)
    return notes


def _when(day: str, of_first: str) -> str:
    """Say how the dates of two printings lie to each other, where both are known."""
    if UNKNOWN in (day, of_first):
        return ""
    if day == of_first:
        return ", the same day"
    return ", later" if day > of_first else ", earlier"


def _have(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
