"""The tables of the theme benchmark: every run, and a summary for each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from experiments._theme_plan import Entry, between_orders, between_seeds
from research.themes import cv_coherence, npmi_coherence, topic_diversity

__all__ = ["discovery_table", "draws_table", "runs_table", "single_words", "speed_table", "words_table"]

_MEASURES = ("ami", "ari", "fmi", "ami_assigned", "ari_assigned", "fmi_assigned")
_N_WORDS = 10


def settings_text(settings: Sequence[tuple[str, Any]]) -> str:
    """Write settings as text, `defaults` where there are none."""
    shown = ((name, f"{len(value)} names" if isinstance(value, tuple) else value) for name, value in settings)
    return ", ".join(f"{name}={value}" for name, value in shown) or "defaults"


def runs_table(entries: Sequence[Entry]) -> pl.DataFrame:
    """List every run with its scores and what it cost."""
    return pl.DataFrame(
        [
            {
                "question": entry.question,
                "corpus": entry.corpus,
                "system": entry.run.system,
                "role": entry.role,
                "settings": settings_text(entry.run.settings),
                "seed": entry.run.seed,
                "order": entry.run.order,
                "draw": entry.run.draw if entry.run.draw >= 0 else None,
                "repeat": entry.run.repeat,
                **{name: entry.scores[name] for name in _MEASURES},
                "n_themes": entry.n_themes,
                "coverage": entry.coverage,
                "seconds": entry.result["seconds"],
                "import_seconds": entry.result["import_seconds"],
                "peak_mb": entry.result["peak_mb"],
                "failed": entry.result["failed"],
            }
            for entry in entries
        ],
        schema={
            **dict.fromkeys(("question", "corpus", "system", "role", "settings"), pl.String),
            **dict.fromkeys(("seed", "order", "draw", "repeat"), pl.Int64),
            **dict.fromkeys(_MEASURES, pl.Float64),
            "n_themes": pl.Int64,
            **dict.fromkeys(("coverage", "seconds", "import_seconds"), pl.Float64),
            "peak_mb": pl.Int64,
            "failed": pl.String,
        },
    )


def discovery_table(entries: Sequence[Entry]) -> pl.DataFrame:
    """Give each system's means over seeds, and how far its answers differ between seeds and between orders.

    A run that failed scores 0. `between_orders` is the least of all orders tried.
    """
    rows = []
    for (corpus, system, role, settings), group in _groups(entries, "discovery"):
        plain = [entry for entry in group if entry.run.order == 0]
        rows.append(
            {
                "corpus": corpus,
                "system": system,
                "role": role,
                "settings": settings,
                "n_seeds": len(plain),
                **{name: _mean([entry.scores[name] for entry in plain]) for name in _MEASURES},
                **{
                    f"ami_{end}": pick([entry.scores["ami"] or 0.0 for entry in plain])
                    for end, pick in (("least", min), ("most", max))
                },
                "n_themes": _median([entry.n_themes for entry in plain]),
                "coverage": _mean([entry.coverage for entry in plain]),
                "between_seeds": between_seeds(group),
                "between_orders": between_orders(group),
                "seconds": _median([entry.result["seconds"] for entry in plain]),
                "failed": next((entry.result["failed"] for entry in group if entry.result["failed"]), None),
            }
        )
    return _frame(rows)


def draws_table(entries: Sequence[Entry]) -> pl.DataFrame:
    """Give each system's means over the random draws with 95% t intervals; a run that failed scores 0."""
    from scipy import stats

    rows = []
    for (_, system, role, settings), group in _groups(entries, "draws"):
        row: dict[str, Any] = {"system": system, "role": role, "settings": settings, "n_draws": len(group)}
        for name in ("ami", "ari", "fmi"):
            values = np.array([entry.scores[name] or 0.0 for entry in group])
            half = (
                stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
                if len(values) > 1
                else None
            )
            mean = float(values.mean())
            row |= {
                name: mean,
                f"{name}_low": None if half is None else mean - float(half),
                f"{name}_high": None if half is None else mean + float(half),
            }
        row["n_themes"] = _median([entry.n_themes for entry in group])
        row["coverage"] = _mean([entry.coverage for entry in group])
        row["n_failed"] = sum(entry.result["failed"] is not None for entry in group)
        rows.append(row)
    return _frame(rows)


def words_table(entries: Sequence[Entry], texts: Sequence[str]) -> pl.DataFrame:
    """Score the words of themes whose number was given: NPMI and diversity of ten single words a theme.

    Tokens are the texts' words as they are between blanks, and a word that is no token is passed over, as in the
    evaluation of the BERTopic paper.
    """
    tokens = [text.split() for text in texts]
    vocabulary = {token for text in tokens for token in text}
    rows = []
    for entry in entries:
        if entry.question != "given number":
            continue
        words = [single_words(topic, vocabulary) for topic in entry.result["keywords"] or []]
        words = [topic for topic in words if len(topic) > 1]
        rows.append(
            {
                "system": entry.run.system,
                "k": next(value for _, value in entry.run.settings),
                "seed": entry.run.seed,
                "n_topics": len(words),
                "n_words": sum(map(len, words)),
                "npmi": npmi_coherence(words, tokens).mean if words else None,
                "c_v": cv_coherence(words, tokens).mean if words else None,
                "diversity": topic_diversity(words) if words else None,
                "coverage": entry.coverage,
                "seconds": entry.result["seconds"],
                "failed": entry.result["failed"],
            }
        )
    return _frame(rows)


def single_words(keywords: Sequence[str], vocabulary: set[str]) -> list[str]:
    """Give the first ten distinct words of ranked keywords; a phrase counts as its words.

    Examples
    --------
    >>> single_words(["prime minister", "minister", "Leeds"], {"prime", "minister"})
    ['prime', 'minister']
    """
    found = [word for keyword in keywords for word in keyword.split() if word in vocabulary]
    return list(dict.fromkeys(found))[:_N_WORDS]


def speed_table(entries: Sequence[Entry]) -> pl.DataFrame:
    """Give what each run in a process of its own cost."""
    rows = [
        {
            "system": entry.run.system,
            "repeat": entry.run.repeat,
            "seconds": entry.result["seconds"],
            "import_seconds": entry.result["import_seconds"],
            "peak_mb": entry.result["peak_mb"],
            "n_themes": entry.n_themes,
            "without_theme": None if entry.coverage is None else 1 - entry.coverage,
            "failed": entry.result["failed"],
        }
        for entry in entries
        if entry.question == "speed"
    ]
    return _frame(rows)


def _groups(entries: Sequence[Entry], question: str) -> list[tuple[tuple[str, str, str, str], list[Entry]]]:
    groups: dict[tuple[str, str, str, str], list[Entry]] = {}
    for entry in entries:
        if entry.question == question and entry.role != "search":
            key = (entry.corpus, entry.run.system, entry.role, settings_text(entry.run.settings))
            groups.setdefault(key, []).append(entry)
    return list(groups.items())


def _mean(values: Sequence[float | None]) -> float | None:
    """Give the mean; a run that failed counts as 0, because a system that fails finds nothing."""
    return float(np.mean([value or 0.0 for value in values])) if values else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def _frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)
