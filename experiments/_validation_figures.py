"""The figures of `seed_validation`: a figure for segmentation, themes, framing and stance each."""

from __future__ import annotations

import polars as pl

from research.figures import Plot, finish, page, styled
from research.figures._style import BLUE, GREY, LIGHT, ORANGE

CODERS = "Coders are language models that followed one codebook."


def segmentation_counts(kinds: pl.DataFrame) -> Plot:
    """Draw how many lines of each gold kind got which kind, as a table of counts."""
    names = sorted(set(kinds["gold"].drop_nulls()) | set(kinds["kind"].drop_nulls()))
    data = kinds.group_by("gold", "kind").len("lines").sort("gold", "kind")
    counts = {(gold, kind): lines for gold, kind, lines in data.iter_rows()}
    agree = sum(counts.get((name, name), 0) for name in names)
    with styled(2):
        figure = page(
            2, 3.0, f"n = {len(kinds)} lines of {kinds['document_id'].n_unique()} documents, {agree} on the diagonal."
        )
        axes = figure.subplots()
        for y, gold in enumerate(names):
            for x, kind in enumerate(names):
                lines = counts.get((gold, kind), 0)
                if lines:
                    axes.text(x, y, str(lines), ha="center", va="center", size=8,
                              color="white" if gold == kind else ORANGE, fontweight="bold",
                              bbox={"boxstyle": "square,pad=0.45", "facecolor": BLUE if gold == kind else "white",
                                    "edgecolor": BLUE if gold == kind else ORANGE})  # fmt: skip
        axes.set_xlim(-0.5, len(names) - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("Kind by the rules")
        axes.set_ylabel("Gold kind")
        axes.tick_params(length=0)
        finish(figure)
    return Plot(
        "segmentation",
        figure,
        data,
        f"Lines by gold kind and by the kind the rules gave; {agree} of {len(kinds)} agree.",
    )


def theme_bars(themes: pl.DataFrame, validation: pl.DataFrame) -> Plot:
    """Draw the average precision of each theme's scores."""
    data = themes.sort("average_precision", "theme", descending=[True, False], nulls_last=True)
    first = validation.filter(pl.col("measure").str.starts_with("first theme")).to_dicts()[0]
    mean = validation.filter(pl.col("measure").str.starts_with("mean average")).to_dicts()[0]
    note = (
        f"Mean average precision {mean['value']:.2f} over {mean['n']} themes (dashed). The first theme is a gold theme "
        f"for {first['value']:.0f} of {first['n']} paragraphs. Gold: themes named by two of three coders. {CODERS}"
    )
    with styled(2):
        figure = page(2, 0.5 + 0.24 * len(data), note)
        axes = figure.subplots()
        for y, row in enumerate(data.iter_rows(named=True)):
            if row["average_precision"] is not None:
                axes.plot([0, row["average_precision"]], [y, y], color=LIGHT, linewidth=1.2, zorder=1)
                axes.plot(row["average_precision"], y, "o", color=BLUE)
                axes.annotate(f"{row['average_precision']:.2f}", (row["average_precision"], y), xytext=(6, 0), size=6.5,
                              textcoords="offset points", va="center", color=GREY)  # fmt: skip
        axes.axvline(mean["value"], color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
        axes.set_yticks(
            range(len(data)), [f"{name}  (n = {n})" for name, n in data.select("theme", "n_gold").iter_rows()]
        )
        axes.set_ylim(len(data) - 0.5, -0.5)
        axes.set_xlim(0, 1.06)
        axes.set_xlabel("Average precision of the theme's score (1: every gold paragraph before every other)")
        axes.tick_params(axis="y", length=0)
        finish(figure)
    return Plot("theme_precision", figure, data, f"Average precision of each theme's score. {note}", note)


def framing_scatter(framing: pl.DataFrame, validation: pl.DataFrame, confidence: float) -> Plot:
    """Draw each paragraph's framing score against the coders' median, with its interval."""
    row = validation.filter(pl.col("measure").str.starts_with("Spearman")).to_dicts()[0]
    data = framing.sort("gold", "framing", "paragraph_id")
    within = data.with_columns(pl.int_range(pl.len()).over("gold").alias("place"), pl.len().over("gold").alias("of"))
    data = within.with_columns((pl.col("gold") + 0.7 * ((pl.col("place") + 0.5) / pl.col("of") - 0.5)).alias("x"))
    data = data.select("paragraph_id", "gold", "x", "framing", "framing_low", "framing_high")
    note = (
        f"Spearman {row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}], n = {row['n']} paragraphs of "
        f"{framing['document_id'].n_unique()} documents, interval over resampled documents. Vertical lines: "
        f"{confidence:.0%} intervals from anchors and sentences; paragraphs of one code are set side by side. {CODERS}"
    )
    with styled(2):
        figure = page(2, 2.9, note)
        axes = figure.subplots()
        axes.vlines(
            data["x"].to_list(),
            data["framing_low"].to_list(),
            data["framing_high"].to_list(),
            color=LIGHT,
            linewidth=1.1,
        )
        axes.plot(data["x"].to_list(), data["framing"].to_list(), "o", color=BLUE, markersize=3.2)
        axes.axhline(0, color=GREY, linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
        axes.set_xticks(
            [-2, -1, 0, 1, 2], ["−2\nclearly analytical", "−1", "0\nneutral report", "+1", "+2\nclearly celebratory"]
        )
        axes.set_ylim(-1.08, 1.08)
        axes.set_ylabel("Framing score")
        axes.set_xlabel("Coders' median")
        finish(figure)
    return Plot("framing_agreement", figure, data, f"Framing score by the coders' median. {note}", note)


def stance_bars(stance: pl.DataFrame, min_gold: int) -> Plot:
    """Draw the stance macro-F1 of each target beside that of the most frequent class."""
    note = (
        f"n = {max(stance['n'].to_list())} paragraphs. Macro-F1 over the classes with at least {min_gold} gold labels "
        f"(in brackets). Square: the answer that always gives the most frequent class. {CODERS}"
    )
    with styled(2):
        figure = page(2, 0.75 + 0.34 * len(stance), note)
        axes = figure.subplots()
        for y, row in enumerate(stance.iter_rows(named=True)):
            for key, marker, color, name in (
                ("majority_macro_f1", "s", ORANGE, "most frequent class"),
                ("mention_macro_f1", "|", GREY, "mentioned or absent only"),
                ("macro_f1", "o", BLUE, "stance scorer"),
            ):
                if row[key] is not None:
                    axes.plot(row[key], y, marker, color=color, label=name if y == 0 else None, linestyle="none",
                              markersize=7 if marker == "|" else 4.5)  # fmt: skip
        labels = [f"{row['label']}\n({row['classes'].replace(';', ', ')})" for row in stance.iter_rows(named=True)]
        axes.set_yticks(range(len(stance)), labels)
        axes.set_ylim(len(stance) - 0.5, -0.5)
        axes.set_xlim(0, 1.02)
        axes.set_xlabel("Macro-F1")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#eeeeee", linewidth=0.6)
        figure.legend(loc="outside upper left", ncols=3)
        finish(figure)
    return Plot(
        "stance_agreement", figure, stance, f"Stance toward each target against the coders' majority. {note}", note
    )
