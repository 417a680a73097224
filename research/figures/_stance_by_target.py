"""Where the paragraphs stand toward each target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from research.figures._plot import Plot, finish, nothing_to_draw, page
from research.figures._style import (
    ABSENT,
    GREY,
    INK,
    SMALL,
    STANCE_COLORS,
    STANCE_HATCHES,
    WIDTHS,
    stance_legend,
    stance_look,
    styled,
)
from research.figures._tables import counted, covers, frame, need, notes, stands_apart, targets_of
from research.figures._text import clean, count, signed, wrap

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SCHEMA", "draw", "stance_by_target"]

SCHEMA = {
    "target": "text",
    "label": "text",
    "n_paragraphs": "integer",
    "n_documents": "integer",
    "against": "number",
    "neutral": "number",
    "favor": "number",
    "absent": "number",
    "mean": "number",
    "low": "number",
    "high": "number",
    "off_zero": "integer",
    "footnote": "text",
}
_SHOWN = 20


def stance_by_target(
    paragraphs: pl.DataFrame,
    estimates: pl.DataFrame | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    repeats: Literal["once", "printed"] = "once",
    confidence: float = 0.95,
    columns: int = 2,
) -> Plot:
    """Draw, for each target, the shares of paragraphs against, neutral, in favour and silent, and the mean stance.

    A mean has the colour of its side only where it was shown to be off 0, corrected for the number of targets (q < .05,
    and an interval that leaves out 0); the others are grey.

    Parameters
    ----------
    paragraphs : polars.DataFrame
        The run's table.
    estimates : polars.DataFrame, optional
        The run's table; its rows of ``stance`` by ``all`` give the means and intervals. Without it the mean is that
        of the paragraphs that speak of the target, without an interval.
    labels : mapping of str to str, optional
        Readable names of the targets.
    repeats : {"once", "printed"}
        ``once``: a paragraph that repeats another document's does not count; ``printed``: each counts as often as it
        is printed. As the estimates were computed.
    confidence : float, default 0.95
        The level at which the intervals were computed, in (0, 1).
    columns : {1, 2}
        Width in columns of a paper.

    Returns
    -------
    Plot
    """
    return draw(data(paragraphs, estimates, labels or {}, repeats, confidence), columns)


def data(
    paragraphs: pl.DataFrame,
    estimates: pl.DataFrame | None,
    labels: Mapping[str, str],
    repeats: Literal["once", "printed"],
    confidence: float,
) -> pl.DataFrame:
    """Give the numbers drawn, the target most spoken of first."""
    need(paragraphs, "paragraphs", ["document_id", "n_printed", "duplicate_of"])
    if repeats == "once":
        paragraphs = paragraphs.filter(paragraphs["duplicate_of"].is_null())
    weights = [1] * paragraphs.height if repeats == "once" else paragraphs["n_printed"].to_list()
    n = sum(weights)
    means: dict[str, dict[str, Any]] = {}
    off_zero: set[str] = set()
    words = "Means of the paragraphs that speak of the target, without intervals."
    if estimates is not None:
        need(estimates, "estimates", ["quantity", "target", "group_by", "reference", "estimate", "low", "high", "q",
                                      "note"])  # fmt: skip
        levels = estimates.filter((estimates["quantity"] == "stance") & (estimates["group_by"] == "all"))
        against_zero = levels.filter(levels["reference"].is_not_null() & levels["q"].is_not_null())
        levels = levels.filter(levels["reference"].is_null() & levels["theme"].is_null())
        means = {row["target"]: row for row in levels.iter_rows(named=True)}
        words = f"{covers(levels, confidence)} {notes(levels, 'target')}"
        if tests := against_zero.height:
            off_zero = {row["target"] for row in against_zero.iter_rows(named=True) if stands_apart(row)}
            means_are = "mean is" if len(off_zero) == 1 else "means are"
            words += f" Corrected for {count(tests, 'test')}, {len(off_zero) or 'no'} {means_are} off 0 (q < .05)."
            if untested := len(means) - tests:
                are = "is" if untested == 1 else "are"
                words += f" {count(untested, 'target')} of too few documents {are} not tested."
    rows: list[dict[str, Any]] = []
    for target in targets_of(paragraphs):
        stances = paragraphs[f"stance_{target}"].to_list()
        counts = dict.fromkeys(STANCE_COLORS, 0)
        for stance, weight in zip(stances, weights, strict=True):
            counts[stance] += weight
        scores = zip(paragraphs[f"stance_{target}_score"].to_list(), weights, strict=True)
        spoken = [(score, weight) for score, weight in scores if score is not None]
        own = sum(score * weight for score, weight in spoken) / sum(w for _, w in spoken) if spoken else None
        estimate = means.get(target, {"estimate": own} if estimates is None else {})
        rows.append(
            {
                "target": target,
                "label": clean(labels.get(target, target.replace("_", " "))),
                "n_paragraphs": n - counts["absent"],
                "n_documents": paragraphs.filter(paragraphs[f"stance_{target}"] != "absent")["document_id"].n_unique(),
                **{value: counts[value] / max(n, 1) for value in STANCE_COLORS},
                "mean": estimate.get("estimate"),
                "low": estimate.get("low"),
                "high": estimate.get("high"),
                "off_zero": int(target in off_zero),
            }
        )
    rows.sort(key=lambda row: (-row["n_paragraphs"], row["target"]))
    how = ", each as often as printed" if repeats == "printed" else ""
    footnote = (
        f"{counted(n, paragraphs['document_id'].n_unique())}{how}; n beside a target: the paragraphs / documents that "
    )
    footnote += "speak of it. "
    footnote += words
    if len(rows) > _SHOWN:
        footnote += f" The {_SHOWN} most spoken of, of {count(len(rows), 'target')}."
    return frame([{**row, "footnote": footnote.strip()} for row in rows[:_SHOWN]], SCHEMA)


def draw(data: pl.DataFrame, columns: int = 2) -> Plot:
    """Draw the figure from its numbers alone."""
    from matplotlib.patheffects import withStroke

    if data.is_empty():
        return nothing_to_draw("stance_by_target", data, columns, "No target was asked about.")
    caption = f"Stance toward each target: shares of paragraphs, and the mean score. {data['footnote'][0]}"
    wide = columns == 2
    rows = list(data.iter_rows(named=True))
    label_width = 2.0 if wide else 0.85
    size = 7.0 if wide else 6.0
    with styled(columns):
        figure = page(columns, 1.2 + len(rows) * (0.32 if wide else 0.36), data["footnote"][0])
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.7, 1])
        for stance, color in STANCE_COLORS.items():
            name = {"favor": "in favor", "absent": "not spoken of"}.get(stance, stance)
            before = list(STANCE_COLORS)[: list(STANCE_COLORS).index(stance)]
            start = [100 * sum(row[s] for s in before) for row in rows]
            width = [100 * row[stance] for row in rows]
            left.barh(range(len(rows)), width, left=start, height=0.62, color=color,
                      hatch=STANCE_HATCHES[stance] or None, edgecolor="white" if stance != "absent" else ABSENT,
                      linewidth=0.5, label=name)  # fmt: skip
            for y, (x, w) in enumerate(zip(start, width, strict=True)):
                if w * (WIDTHS[columns] - label_width) * 0.5 / 100 > 0.2:
                    strong = stance in ("favor", "against")
                    # The halo clears the hatching behind the number.
                    left.text(x + w / 2, y, f"{w:.0f}", size=SMALL if wide else 5.5, ha="center", va="center",
                              color="white" if strong else INK, fontweight="bold" if strong else "normal",
                              path_effects=[withStroke(linewidth=2.5, foreground=color)] if strong else [])  # fmt: skip
        for y, row in enumerate(rows):
            if row["mean"] is None:
                right.text(0, y, "no score", size=SMALL, color=GREY, ha="center", va="center")
                continue
            color, marker = stance_look(row["low"], row["high"]) if row["off_zero"] else stance_look(None, None)
            if row["low"] is not None and row["high"] is not None:
                right.plot([row["low"], row["high"]], [y, y], color=color, linewidth=1.6, solid_capstyle="butt")
            right.plot([row["mean"]], [y], marker, color=color, markeredgecolor=INK,
                       markeredgewidth=0.5, markersize=4.4)  # fmt: skip
            if wide:
                right.annotate(signed(row["mean"]), (1, y), xycoords=("axes fraction", "data"), xytext=(4, 0),
                               textcoords="offset points", size=SMALL, color=GREY, va="center")  # fmt: skip
        names = [
            f"{wrap(row['label'], label_width, size, 2)}\nn = {row['n_paragraphs']:,} / {row['n_documents']:,}"
            for row in rows
        ]
        left.set_yticks(range(len(rows)), names)
        left.set_ylim(len(rows) - 0.5, -0.5)
        left.set_xlim(0, 100)
        left.set_xlabel("Paragraphs (%)")
        right.axvline(0, color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
        right.set_xlim(-1.05, 1.05)
        right.set_xticks([-1, 0, 1], ["−1\nagainst", "0", "+1\nin favor"])
        right.set_xlabel("Mean stance")
        right.grid(axis="x", color="#eeeeee", linewidth=0.6)
        for axes in (left, right):
            axes.spines["left"].set_visible(False)
            axes.tick_params(axis="y", length=0, labelsize=size, labelleft=axes is left)
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=4, handlelength=1.1,
                      handleheight=0.9, columnspacing=1.2 if wide else 0.7, fontsize=size)  # fmt: skip
        handles = stance_legend("below 0: against", "not shown to be off 0", "above 0: in favor")
        right.legend(handles=handles, title="Mean (q < .05)", loc="lower left", alignment="left",
                     bbox_to_anchor=(-0.02, 1.0), borderaxespad=0.2, borderpad=0, labelspacing=0.3, handlelength=1.1,
                     handletextpad=0.4, fontsize=size, title_fontsize=size)  # fmt: skip
        finish(figure)
    return Plot("stance_by_target", figure, data, caption, data["footnote"][0])
