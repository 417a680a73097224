"""What the theme benchmark says: what was to be reached, what was reached, and the best of the peers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from experiments._peer_runs import PEERS
from experiments._theme_benchmark_figures import CORPORA, SYSTEMS

__all__ = ["findings", "targets_table"]

Tables = Mapping[str, pl.DataFrame]
_AT_LEAST = {
    ("bbc_octis", "ami"): 0.83, ("bbc_octis", "ari"): 0.85,
    ("newsgroups", "ami"): 0.57, ("newsgroups", "ari"): 0.40, ("newsgroups", "fmi"): 0.45,
    ("seeds", "ami"): 0.36,
    ("congress_bills", "ami"): 0.48, ("congress_bills", "ari"): 0.34,
}  # fmt: skip
_STABLE_SEEDS = 0.95
_SCHEMA = {
    "question": pl.String, "corpus": pl.String, "measure": pl.String, "ours": pl.Float64, "to_reach": pl.Float64,
    "reached": pl.Boolean, "best_peer": pl.String, "peer": pl.Float64, "above_every_peer": pl.Boolean,
}  # fmt: skip


def targets_table(tables: Tables) -> pl.DataFrame:
    """Give a row for each figure that was to be reached.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        `discovery`, `draws`, `words`, `codebook` and `speed`, those that were asked for.
    """
    rows = [*_discovery(tables), *_draws(tables), *_words(tables), *_codebook(tables), *_speed(tables)]
    return pl.DataFrame(rows, schema=_SCHEMA)


def findings(tables: Tables) -> list[str]:
    """Say each row of the targets in a sentence, after one that counts them."""
    table = tables["targets"].filter(pl.col("ours").is_not_null())
    judged = table.filter(pl.col("reached").is_not_null())
    peers = table.filter(pl.col("above_every_peer").is_not_null())
    said = [
        f"{judged['reached'].sum()} of {len(judged)} figures reach what was to be reached; "
        f"{peers['above_every_peer'].sum()} of {len(peers)} are better than every peer's in the same run."
    ]
    for row in table.iter_rows(named=True):
        where = CORPORA.get(row["corpus"], "News")
        words = f"{where}, {row['question']}, {row['measure']}: {_number(row['ours'])}"
        if row["to_reach"] is not None:
            aim = _number(row["to_reach"])
            if not row["reached"] and aim == _number(row["ours"]):
                aim += f", missed by {abs(row['to_reach'] - row['ours']):.1g}"
            words += f" ({'reached' if row['reached'] else 'not reached'}: {aim})"
        if row["peer"] is not None:
            words += f"; best peer {row['best_peer']} {_number(row['peer'])}"
        said.append(words + ".")
    return said


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def _row(
    question: str,
    corpus: str,
    measure: str,
    ours: float | None,
    to_reach: float | None = None,
    peer: tuple[str, float] | None = None,
    lower_is_better: bool = False,
) -> dict[str, Any]:
    sign = -1 if lower_is_better else 1
    return {
        "question": question,
        "corpus": corpus,
        "measure": measure,
        "ours": ours,
        "to_reach": to_reach,
        "reached": None if ours is None or to_reach is None else sign * ours >= sign * to_reach,
        "best_peer": None if peer is None else peer[0],
        "peer": None if peer is None else peer[1],
        "above_every_peer": None if ours is None or peer is None else sign * ours > sign * peer[1],
    }


def _best_peer(table: pl.DataFrame, measure: str) -> tuple[str, float] | None:
    found = table.filter(pl.col("system").is_in(PEERS), pl.col("role") != "zero-shot", pl.col(measure).is_not_null())
    found = found.sort(measure, descending=True)
    if found.is_empty():
        return None
    system, role, value = found.select("system", "role", measure).row(0)
    return f"{SYSTEMS[system]} ({role})", value


def _ours(table: pl.DataFrame, measure: str) -> float | None:
    found = table.filter(pl.col("system") == "ours")
    return None if found.is_empty() else found.item(0, measure)


def _discovery(tables: Tables) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if "discovery" not in tables:
        return rows
    for corpus in tables["discovery"]["corpus"].unique(maintain_order=True):
        here = tables["discovery"].filter(pl.col("corpus") == corpus)
        for measure in ("ami", "ari", "fmi"):
            aim = _AT_LEAST.get((corpus, measure))
            rows.append(
                _row("discovery", corpus, measure.upper(), _ours(here, measure), aim, _best_peer(here, measure))
            )
        for measure, name, aim in (
            ("between_seeds", "ARI between seeds", _STABLE_SEEDS),
            ("between_orders", "ARI between orders", 1.0),
        ):
            row = _row("stability", corpus, name, _ours(here, measure), aim, _best_peer(here, measure))
            rows.append({**row, "above_every_peer": None})  # a system that always finds one theme is as stable
    return rows


def _draws(tables: Tables) -> list[dict[str, Any]]:
    if "draws" not in tables:
        return []
    table = tables["draws"]
    return [
        _row("discovery", "draws", f"mean {name.upper()}", _ours(table, name), aim, _best_peer(table, name))
        for name, aim in (("ami", 0.46), ("fmi", 0.36))
    ]


def _words(tables: Tables) -> list[dict[str, Any]]:
    if "words" not in tables:
        return []
    means = (
        tables["words"].group_by("system", maintain_order=True).agg(pl.col("npmi").mean(), pl.col("diversity").mean())
    )
    means = means.with_columns(pl.lit("mean over k").alias("role"))
    return [
        _row("number given", "bbc_octis", name, _ours(means, measure), aim, _best_peer(means, measure))
        for measure, name, aim in (("npmi", "NPMI", 0.18), ("diversity", "diversity", 0.85))
    ]


def _codebook(tables: Tables) -> list[dict[str, Any]]:
    if "codebook" not in tables:
        return []
    judged = {"congress_bills": "theme model, names and definitions", "seeds": "theme model, definitions and anchors"}
    table = tables["codebook"].filter(pl.col("method") == pl.col("corpus").replace_strict(judged, default=None))
    aims = {
        ("congress_bills", "accuracy of the first theme"): 0.66,
        ("seeds", "first theme among the gold themes"): 0.90,
        ("seeds", "mean average precision over themes"): 0.82,
    }
    return [
        _row("codebook", corpus, measure, value, aims.get((corpus, measure)))
        for corpus, measure, value in table.select("corpus", "measure", "value").iter_rows()
    ]


def _speed(tables: Tables) -> list[dict[str, Any]]:
    if "speed" not in tables:
        return []
    table = tables["speed"].group_by("system", maintain_order=True).agg(
        pl.col("seconds", "peak_mb", "without_theme").median()
    )  # fmt: skip
    rows = []
    for measure, name in (
        ("without_theme", "share without a theme"), ("seconds", "seconds"), ("peak_mb", "peak memory, MB"),
    ):  # fmt: skip
        peers = table.filter(pl.col("system").is_in(PEERS), pl.col(measure).is_not_null()).sort(measure)
        peer = None if peers.is_empty() else (SYSTEMS[peers.item(0, "system")], float(peers.item(0, measure)))
        aim = {"without_theme": 0.0, "seconds": None if peer is None else peer[1]}.get(measure)
        ours = _ours(table, measure)
        rows.append(_row("20,000 paragraphs", "allsides_news", name, ours, aim, peer, lower_is_better=True))
    return rows
