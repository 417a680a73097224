"""The figures of `stance_benchmark`."""

from __future__ import annotations

import polars as pl

from experiments._stance_methods import FEATURES, NETWORKS
from research.figures import Plot, finish, page, styled
from research.figures._style import BLUE, GREY, ORANGE

__all__ = ["calibration_lines", "five_articles", "learning_curve", "no_labels", "own_labels"]

GREEN = "#00835f"
_SYSTEMS = {
    "majority": "most frequent class",
    "two_steps": "anchors, two steps (before)",
    "anchors, ours": f"anchors: {FEATURES['ours']}",
    **{f"labels, {name}": f"our labels: {words}" for name, words in FEATURES.items()},
    "names, sentence": f"other names, balanced: {FEATURES['sentence']}",
    "names, ours": f"other names, balanced: {FEATURES['ours']}",
    "shipped": "networks, with anchors (ships)",
}


def own_labels(evaluations: pl.DataFrame) -> Plot:
    """Draw macro-F1 by what of a mention is read, learned from the corpus's own labels."""
    data = evaluations.filter(
        pl.col("measure") == "macro-F1", ~pl.col("task").str.contains("none of its labels")
    ).select("task", "system", "value", "low", "high", "n", "n_documents")
    counts = "; ".join(
        f"{task}: {n:,} mentions of {documents:,} articles"
        for task, n, documents in data.select("task", "n", "n_documents").unique(maintain_order=True).iter_rows()
    )
    note = f"NewsMTSC. {counts}. Lines: 95% intervals over resampled articles. Ridge regressions but for the last row."
    shown = {**FEATURES, NETWORKS: f"{FEATURES['ours']}, networks"}
    names = list(shown)
    with styled(2):
        figure = page(2, 0.6 + 0.3 * len(names), note)
        axes = figure.subplots()
        for shift, color, marker, task in (
            (-0.14, BLUE, "o", "train, five folds by article"),
            (0.14, ORANGE, "s", "rw_dev, from train"),
        ):
            _dots(axes, data.filter(pl.col("task") == task), names, shift, color, marker, task)
        _rows(axes, list(shown.values()))
        axes.set_xlabel("Macro-F1")
        figure.legend(loc="outside upper left", ncols=2)
        finish(figure)
    return Plot("own_labels", figure, data, f"Macro-F1 by what is read of a mention. {note}", note)


def no_labels(evaluations: pl.DataFrame) -> Plot:
    """Draw macro-F1 and the ranking of opposed targets without labels of the corpus."""
    data = evaluations.filter(
        pl.col("task").str.contains("none of its labels"),
        pl.col("measure").is_in(["macro-F1", "opposed targets ranked right"]),
        pl.col("system").is_in(list(_SYSTEMS)),
    ).select("system", "measure", "value", "low", "high", "n", "n_documents")
    n = dict(data.select("measure", "n").unique(maintain_order=True).iter_rows())
    note = (
        f"NewsMTSC train, none of its labels: {n['macro-F1']:,} mentions, {n['opposed targets ranked right']} pairs of "
        "targets in one text with opposed labels. Lines: 95% intervals over resampled articles. Dashed: to reach."
    )
    names = list(_SYSTEMS)
    with styled(2):
        figure = page(2, 0.5 + 0.23 * len(names), note)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, measure, words, goal in (
            (panels[0], "macro-F1", "Macro-F1", 0.55),
            (panels[1], "opposed targets ranked right", "Opposed targets ranked right", 0.70),
        ):
            _dots(axes, data.filter(pl.col("measure") == measure), names, 0.0, BLUE, "o", None)
            axes.axvline(goal, color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
            _rows(axes, [_SYSTEMS[name] for name in names])
            axes.set_xlabel(words)
        finish(figure)
    return Plot("no_labels", figure, data, f"Stance without the corpus's labels. {note}", note)


def learning_curve(curve: pl.DataFrame) -> Plot:
    """Draw macro-F1 on rw_dev by the number of labels, from the anchors and from what ships."""
    draws = curve.filter(pl.col("labels") > 0)["draw"].n_unique()
    note = (
        f"NewsMTSC rw_dev; labels drawn from train, {draws} draws of each size (points), their mean (line). The scorer "
        "starts from its anchors alone, or from what ships, which other labelled sentences taught."
    )
    sizes = curve["labels"].unique().sort().to_list()
    with styled(2):
        figure = page(2, 2.4, note)
        axes = figure.subplots()
        for start, color, marker, words in (
            ("shipped", BLUE, "o", "from what ships"),
            ("anchors", ORANGE, "s", "from the anchors alone"),
        ):
            rows = curve.filter(pl.col("start") == start)
            x = [sizes.index(size) for size in rows["labels"]]
            axes.plot(x, rows["macro_f1"].to_list(), marker, color=color, markersize=3.5, alpha=0.6)
            means = rows.group_by("labels").agg(pl.col("macro_f1").mean()).sort("labels")
            axes.plot(range(len(sizes)), means["macro_f1"].to_list(), color=color, label=words)
        axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
        axes.set_xlabel("Labels of the corpus")
        axes.set_ylabel("Macro-F1")
        figure.legend(loc="outside upper left", ncols=2)
        finish(figure)
    return Plot("learning_curve", figure, curve, f"Macro-F1 by the number of labels. {note}", note)


def calibration_lines(calibration: pl.DataFrame) -> Plot:
    """Draw how often a stance is right by its share."""
    gap = float((calibration["weight"] * (calibration["share"] - calibration["observed"]).abs()).sum()) / 3
    note = (
        f"What ships, on NewsMTSC train, none of its labels; n = {calibration['n'].sum() // 3:,} mentions, tenths by "
        f"share, at the base rates of the shares. Mean distance from the diagonal {gap:.3f}."
    )
    with styled(2):
        figure = page(2, 2.6, note)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.7, linestyle=(0, (3, 2)))
        for stance, color, marker in (("against", ORANGE, "s"), ("neutral", GREY, "D"), ("favor", GREEN, "o")):
            rows = calibration.filter(pl.col("stance") == stance).sort("share")
            axes.plot(
                rows["share"].to_list(), rows["observed"].to_list(), f"{marker}-", color=color, markersize=3.5,
                label=stance,
            )  # fmt: skip
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("Share given to the stance")
        axes.set_ylabel("How often it was the label")
        figure.legend(loc="outside upper left", ncols=3)
        finish(figure)
    return Plot("calibration", figure, calibration, f"Calibration of the shares. {note}", note)


def five_articles(articles: pl.DataFrame, min_gold: int) -> Plot:
    """Draw each target's macro-F1 and F1 of mention beside the two baselines."""
    note = (
        f"The five documents, n = {max(articles['n'].to_list())} paragraphs; macro-F1 over the classes with at least "
        f"{min_gold} gold labels. Coders are language models that followed one codebook. Five documents are few: read "
        "no difference closely."
    )
    names = articles.filter(pl.col("measure") == "macro-F1")["label"].to_list()
    with styled(2):
        figure = page(2, 0.8 + 0.42 * len(names), note)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, measure in zip(panels, ("macro-F1", "F1 of mention"), strict=True):
            data = articles.filter(pl.col("measure") == measure)
            for y, row in enumerate(data.iter_rows(named=True)):
                # What no label taught above, what labels of other news taught below, so that no mark hides another.
                for key, shift, marker, color, words in (
                    ("majority", 0, "|", GREY, "most frequent class"),
                    ("sentence_anchors", -0.22, "s", ORANGE, "sentence vector, no labels"),
                    ("anchors", -0.22, "o", BLUE, "stance scorer, no labels"),
                    ("sentence", 0, "+", ORANGE, "sentence vector, labels of other news"),
                    ("ours", 0, "x", BLUE, "stance scorer, labels of other news (ships)"),
                    ("taught", 0.22, "D", BLUE, "and labels of the other four articles"),
                ):
                    label = words if y == 0 and axes is panels[0] else None
                    if row[key] is not None and row[key] == row[key]:
                        axes.plot(row[key], y + shift, marker, color=color, label=label, linestyle="none",
                                  markersize=8 if marker == "|" else 4.5)  # fmt: skip
            _rows(axes, names)
            axes.set_xlim(-0.03, 1.03)  # zero is an answer too
            axes.set_xlabel("Macro-F1" if measure == "macro-F1" else "F1 of mentioned")
        figure.legend(loc="outside upper left", ncols=2)
        finish(figure)
    return Plot("five_articles", figure, articles, f"Stance in the five documents. {note}", note)


def _dots(axes, data: pl.DataFrame, names: list[str], shift: float, color: str, marker: str, label: str | None) -> None:  # type: ignore[no-untyped-def]
    for row in data.iter_rows(named=True):
        if row["system"] not in names:
            continue
        y = names.index(row["system"]) + shift
        if row["low"] is not None:
            axes.plot([row["low"], row["high"]], [y, y], color=color, linewidth=1.0, alpha=0.5)
        axes.plot(row["value"], y, marker, color=color, markersize=4.5, linestyle="none", label=label)
        label = None


def _rows(axes, names: list[str]) -> None:  # type: ignore[no-untyped-def]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#eeeeee", linewidth=0.6)
