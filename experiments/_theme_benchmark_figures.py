"""The figures of `theme_benchmark`: agreement with the labels by system and corpus, and words against their variety."""

from __future__ import annotations

import polars as pl

from research.figures import Plot, finish, page, styled
from research.figures._style import BLUE, GREY, ORANGE

__all__ = ["CORPORA", "SYSTEMS", "agreement_dots", "word_plane"]

SYSTEMS = {
    "ours": "this package",
    "bertopic": "BERTopic",
    "keynmf": "KeyNMF",
    "topeax": "Topeax",
    "top2vec": "Top2Vec",
    "umap_hdbscan": "UMAP + HDBSCAN, this package",
    "kmeans": "k-means, told the number",
    "one_cluster": "one single theme",
}
CORPORA = {
    "bbc_octis": "BBC news",
    "congress_bills": "Bills",
    "seeds": "Five articles",
    "newsgroups": "Newsgroups",
    "draws": "Newsgroups, draws",
}
_COLORS = {"ours": BLUE, "umap_hdbscan": BLUE, "kmeans": GREY, "one_cluster": GREY}
_MARKERS = {"ours": "o", "bertopic": "s", "keynmf": "D", "topeax": "^", "top2vec": "v"}


def agreement_dots(runs: pl.DataFrame) -> Plot | None:
    """Draw the AMI of every run, a row a system and a panel a corpus; None where nothing was scored.

    Parameters
    ----------
    runs : polars.DataFrame
        question, corpus, system, role, seed, order, ami.
    """
    data = (
        runs.filter(
            pl.col("question").is_in(["discovery", "draws"]), pl.col("role") != "search", pl.col("order") == 0,
            pl.col("ami").is_not_null(),
        )
        .with_columns(pl.when(pl.col("question") == "draws").then(pl.lit("draws")).otherwise("corpus").alias("panel"))
        .select("panel", "system", "role", "seed", "draw", "ami")
        .sort("panel", "system", "role", "seed", "draw")
    )  # fmt: skip
    panels = [name for name in CORPORA if name in set(data["panel"])]
    systems = [name for name in SYSTEMS if name in set(data["system"])]
    if not panels:
        return None
    note = (
        "Adjusted mutual information at full coverage: texts without a theme are one theme of their own. A point is a "
        "seed, or a random draw; the line is their mean. Filled: defaults; open: the best setting of the search, "
        "chosen by these labels."
    )
    with styled(2):
        below = "Adjusted mutual information with the labels"
        figure = page(2, 0.6 + 0.27 * len(systems), note, below)
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, place in zip(panels, axes, strict=True):
            here = data.filter(pl.col("panel") == panel)
            for y, system in enumerate(systems):
                color = _COLORS.get(system, ORANGE)
                for role, offset in (("default", -0.14), ("baseline", 0.0), ("best", 0.18)):
                    values = here.filter((pl.col("system") == system) & (pl.col("role") == role))["ami"].to_list()
                    if not values:
                        continue
                    face = "white" if role == "best" else color
                    mean = sum(values) / len(values)
                    place.plot(values, [y + offset] * len(values), "o", markersize=2.8, markeredgecolor=color,
                               markerfacecolor=face, markeredgewidth=0.6, alpha=0.75, linestyle="none")  # fmt: skip
                    place.plot([mean, mean], [y + offset - 0.16, y + offset + 0.16], color=color, linewidth=1.1)
            place.set_title(CORPORA[panel], size=6.5)
            place.set_xlim(-0.06, 1.0)
            place.set_xticks([0, 0.5, 1])
            place.set_ylim(len(systems) - 0.5, -0.5)
            place.grid(axis="x", color="#eeeeee", linewidth=0.6)
            place.tick_params(axis="y", length=0)
        axes[0].set_yticks(range(len(systems)), [SYSTEMS[name] for name in systems])
        finish(figure)
    caption = f"Agreement of the themes with people's labels, by system and corpus. {note}"
    return Plot("agreement", figure, data, caption, note)


def word_plane(words: pl.DataFrame) -> Plot | None:
    """Draw coherence against diversity of the themes' words, a point a number of themes; None where there are none.

    Parameters
    ----------
    words : polars.DataFrame
        system, k, npmi, diversity; a mean over the seeds a row.
    """
    data = words.filter(pl.col("npmi").is_not_null()).select("system", "k", "npmi", "diversity").sort("system", "k")
    if data.is_empty():
        return None
    note = (
        f"Ten words a theme, BBC news as OCTIS ships it. Small: k = {', '.join(map(str, sorted(set(data['k']))))}; "
        "large: their mean. Right and up is better."
    )
    with styled(1):
        figure = page(1, 2.6, note)
        axes = figure.subplots()
        for system in [name for name in SYSTEMS if name in set(data["system"])]:
            here = data.filter(pl.col("system") == system)
            color, marker = _COLORS.get(system, ORANGE), _MARKERS.get(system, "o")
            x, y = here["diversity"].to_list(), here["npmi"].to_list()
            axes.plot(x, y, marker=marker, color=color, markersize=2.4, linewidth=0.5, alpha=0.5)
            axes.plot(sum(x) / len(x), sum(y) / len(y), marker, color=color, markersize=5.5, label=SYSTEMS[system])
        axes.set_xlabel("Diversity: share of the words that are distinct")
        axes.set_ylabel("Coherence: NPMI")
        axes.grid(color="#eeeeee", linewidth=0.6)
        axes.legend(loc="best", numpoints=1)
        finish(figure)
    return Plot("words", figure, data, f"Coherence and diversity of the themes' words. {note}", note)
