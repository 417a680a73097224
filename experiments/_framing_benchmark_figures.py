"""The figures of `framing_benchmark`: agreement by system, poles of left-out subjects, and what a few labels add."""

from __future__ import annotations

import polars as pl

from research.figures import Plot, finish, page, styled
from research.figures._style import BLUE, GREY, ORANGE

__all__ = ["agreement_dots", "held_out_bars", "label_curve"]

_OURS = ("anchors alone", "anchors and labels")
_PANELS = {
    "Spearman": "Spearman with the coders",
    "AUROC celebratory against the rest, by the score": "AUROC celebratory\nagainst the rest",
    "AUROC analytical against plain, by the score": "AUROC analytical\nagainst plain",
}
_CHANCE = {"Spearman": 0.0}


def agreement_dots(table: pl.DataFrame) -> Plot:
    """Draw agreement with the coders of the news paragraphs, a row a system and a panel a measure."""
    data = (
        table.filter((pl.col("part") == "news") & pl.col("measure").is_in(list(_PANELS)))
        .select("system", "measure", "value", "low", "high", "n")
        .filter(pl.col("value").is_not_null())
    )
    systems = data.filter(pl.col("measure") == "Spearman")["system"].to_list()
    n = data.filter(pl.col("measure") == "Spearman")["n"][0]
    note = (
        f"n = {n} paragraphs, labelled by two coders. Bars: 95% bootstrap intervals over articles. Blue: this package; "
        "its labelled rows are scored without the article, or without the topics, of the text."
    )
    with styled(2):
        figure = page(2, 3.3, note)
        panels = figure.subplots(1, len(_PANELS), sharey=True)
        for axes, (measure, title) in zip(panels, _PANELS.items(), strict=True):
            rows = {row["system"]: row for row in data.filter(pl.col("measure") == measure).to_dicts()}
            for place, system in enumerate(systems):
                row = rows.get(system)
                if row is None:
                    continue
                color = BLUE if system.startswith(_OURS) else GREY
                if row["low"] is not None and row["high"] is not None:
                    axes.plot(
                        [row["low"], row["high"]], [place, place], color=color, linewidth=1.2, solid_capstyle="butt"
                    )
                axes.plot([row["value"]], [place], "o", color=color, markersize=4)
            axes.axvline(_CHANCE.get(measure, 0.5), color=GREY, linewidth=0.7, linestyle=(0, (3, 2)))
            axes.set_title(title)
            axes.grid(axis="x", linewidth=0.4, color="#e3e3e3")
            axes.set_axisbelow(True)
            axes.tick_params(axis="y", length=0)
        panels[0].set_yticks(range(len(systems)), systems)
        panels[0].set_ylim(len(systems) - 0.5, -0.5)
        finish(figure)
    caption = "Agreement of framing scores with coders of real news, against what others do. " + note
    return Plot("agreement_dots", figure, data, caption, note)


def held_out_bars(bars: pl.DataFrame) -> Plot:
    """Draw how well words alone, and the axis, tell the poles of left-out subjects apart."""
    note = (
        "Anchors of subjects that were left out; dashed: chance. Words alone must not solve them: what tells the "
        "poles apart should be the voice. Open: logistic regression on words and word pairs; filled: the axis."
    )
    names = bars["axis"].unique(maintain_order=True).to_list()
    with styled(1):
        figure = page(1, 2.4, note)
        axes = figure.subplots()
        for place, name in enumerate(names):
            rows = {row["system"]: row for row in bars.filter(pl.col("axis") == name).to_dicts()}
            words, own = rows["bag of words"]["auroc"], rows["the axis"]["auroc"]
            axes.plot([words, own], [place, place], color="#bbbbbb", linewidth=1.2, zorder=1)
            axes.plot([words], [place], "o", markerfacecolor="white", markeredgecolor=ORANGE, markersize=5)
            axes.plot([own], [place], "o", color=BLUE, markersize=5)
        axes.axvline(0.5, color=GREY, linewidth=0.7, linestyle=(0, (3, 2)))
        counts = {row["axis"]: row["n"] for row in bars.to_dicts()}
        axes.set_yticks(range(len(names)), [f"{name} ({counts[name]})" for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0.25, 1.02)
        axes.set_xlabel("AUROC between the poles (n of anchors)")
        axes.tick_params(axis="y", length=0)
        finish(figure)
    return Plot("held_out_anchors", figure, bars, "Poles of left-out subjects told apart. " + note, note)


def label_curve(draws: pl.DataFrame) -> Plot:
    """Draw AUROC against the number of labels: axis alone, labels alone, both."""
    data = (
        draws.group_by("size")
        .agg(
            pl.col("axis").mean(), pl.col("both").mean(), pl.col("labels").mean(),
            pl.col("both").quantile(0.1).alias("both_low"), pl.col("both").quantile(0.9).alias("both_high"),
            pl.col("labels").quantile(0.1).alias("labels_low"), pl.col("labels").quantile(0.9).alias("labels_high"),
            pl.len().alias("n_draws"),
        )
        .sort("size")
    )  # fmt: skip
    note = (
        f"News sentences, subjective against objective; {data['n_draws'][0]} draws a point, bands from the 10th to the "
        "90th percentile of the draws. Labels alone: logistic regression on the last layer."
    )
    with styled(1):
        figure = page(1, 2.4, note)
        axes = figure.subplots()
        sizes = data["size"].to_list()
        axes.fill_between(sizes, data["labels_low"], data["labels_high"], color=ORANGE, alpha=0.15, linewidth=0)
        axes.fill_between(sizes, data["both_low"], data["both_high"], color=BLUE, alpha=0.18, linewidth=0)
        axes.plot(sizes, data["both"], "o-", color=BLUE, markersize=4, label="axis and labels")
        axes.plot(sizes, data["axis"], color=GREY, linewidth=1, linestyle=(0, (3, 2)), label="axis alone")
        axes.plot(sizes, data["labels"], "s-", color=ORANGE, markersize=3.5, label="labels alone")
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set_xlabel("Labels (number)")
        axes.set_ylabel("AUROC on the test split")
        axes.legend(frameon=False, loc="lower right")
        finish(figure)
    return Plot("few_labels", figure, data, "What a few labels add to the subjectivity axis. " + note, note)
