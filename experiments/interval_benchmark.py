"""Whether intervals of the shipped axes hold what other anchors and other labelled articles would have taught.

Question
    A score's interval is to say how far it hangs on the anchors that were written and on the articles that were
    labelled. Two teams, each with half of the anchors' subjects and half of the labelled articles, make the same axis:
    do their scores of the same paragraphs, and their means of the same outlets, differ by no more than their intervals
    say?

Command
    python -m experiments.interval_benchmark configs/experiments/interval_benchmark.yaml --set data=FOLDER
Run time
    25 minutes on two cores.
Expected
    The table `intervals`, and a figure of it: for each axis, from anchors alone and with labels, the share of
    differences within the 95% intervals, and how large differences and standard errors are.

The sentences' share of an interval is left out: both teams score the same texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from experiments._news_labels import LESSONS, LabelledNews, LabelledNewsSettings, hashes_of, read_news_of
from experiments._news_sample import PARAGRAPH_WORDS, Paragraph, paragraphs_of, read_articles
from research import Encoder
from research._label_shift import N_NETWORKS
from research.embedding import Embeddings, default_cache_path
from research.errors import InputError
from research.figures import Plot, finish, page, styled
from research.figures._style import BLUE, GREY, ORANGE
from research.framing import Anchors, FramingAxis
from research.study import Loaded, Outcome, PathValue, experiment_main

TITLE = "Whether the intervals of the axes hold what other anchors and other labels teach"
METHODS = (
    "In each round the anchors' subjects and the labelled articles are halved at random, and each half makes the axis. "
    "Both score paragraphs of articles without a label, one an article. A difference counts as within if it is at most "
    "1.96 of its standard errors, the root of the sum of the two variances that the draws of the axes give; the "
    "sentences' share is left out. Paragraphs are compared before scores are held within -1 and +1, outlets are means "
    "of scores, and of draws, that are held."
)

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_REACH = NormalDist().inv_cdf(0.975)
_LOOKS = {"anchors": (-0.17, "white", ORANGE), "anchors and labels": (0.17, BLUE, BLUE)}


@dataclass(frozen=True)
class Scored:
    """Texts as one axis scores them.

    Attributes
    ----------
    position : ndarray of float64, shape (n,)
        Unclipped.
    draws : ndarray of float64, shape (n_draws, n)
        Unclipped, and centred on the position.
    poles : str
        `lines` or `networks`.
    """

    position: Floats
    draws: Floats
    poles: str = "lines"


class Settings(LabelledNewsSettings):
    """What is halved and what is scored."""

    dangers: Annotated[str, PathValue("file")] = Field(description="The folder with paragraphs about dangers.")
    rounds: int = Field(8, ge=1)
    paragraphs: int = Field(600, ge=10, description="How many are scored.")
    fewest: int = Field(10, ge=2, description="Paragraphs that make the mean of an outlet.")
    n_bootstrap: int = Field(100, ge=N_NETWORKS, description="Draws of each axis.")
    seed: int = Field(0, ge=0)


@dataclass(frozen=True)
class Material:
    """What an axis is made of: anchors, and labelled texts with their positions and what must not be followed."""

    anchors: Anchors
    anchor_vectors: Embeddings
    texts: LabelledNews
    vectors: Embeddings
    y: Floats
    nuisance: Floats | None

    def scores(
        self, own: Rows, labelled: Rows, judged: Embeddings, n_bootstrap: int, random_state: int
    ) -> tuple[Scored, Scored]:
        """Score texts by an axis of some anchors, and again once some labelled texts taught it."""
        poles, subjects = np.asarray(self.anchors.poles), np.asarray(self.anchors.subjects)
        axis = FramingAxis(n_bootstrap=n_bootstrap, random_state=random_state)
        axis.fit(self.anchor_vectors.take(own), poles[own], subjects[own])
        before = _scored(axis, judged)
        documents = [self.texts.documents[row] for row in labelled]
        nuisance = None if self.nuisance is None else self.nuisance[labelled]
        axis.learn(self.vectors.take(labelled), self.y[labelled], documents, nuisance)
        return before, _scored(axis, judged)


def benchmark(loaded: Loaded[Any], progress: Callable[[str, int, int], None]) -> Outcome:
    """Make each axis twice from halves, round by round, and compare the differences with the intervals."""
    settings = loaded.values
    news = read_news_of(loaded, loaded.path(settings.dangers))
    judged = draw_judged(read_articles(loaded.path(settings.data)), news, settings.paragraphs, settings.seed)
    encoder = Encoder(cache=default_cache_path()).load()
    taught = encoder.encode(news.texts, progress=progress)
    scored = encoder.encode([each.text for each in judged], progress=progress)
    outlets = _groups([each.outlet for each in judged], settings.fewest)
    if not outlets:
        raise InputError(
            f"no outlet has {settings.fewest} of the {len(judged)} paragraphs; lower `fewest` or raise `paragraphs`"
        )
    rows: list[dict[str, Any]] = []
    refused: list[str] = []
    for number, name in enumerate(LESSONS):
        anchors = Anchors.load(name)
        known, texts, y, nuisance = news.lesson(name)
        material = Material(anchors, encoder.encode(anchors.texts), texts, taught.take(known), y, nuisance)
        for round_ in range(settings.rounds):
            progress("rounds", number * settings.rounds + round_, len(LESSONS) * settings.rounds)
            generator = np.random.default_rng([settings.seed, round_])
            parts = zip(halves(anchors.subjects, generator), halves(texts.documents, generator), strict=True)
            try:
                teams = [
                    material.scores(*part, scored, settings.n_bootstrap, settings.seed + team)  # other random starts
                    for team, part in enumerate(parts)
                ]
            except InputError as error:  # half of the anchors may be too few to tell the poles apart
                refused.append(f"{name}, round {round_}, left out: {error}")
                continue
            for by, (first, second) in zip(("anchors", "anchors and labels"), zip(*teams, strict=True), strict=True):
                poles = first.poles if first.poles == second.poles else "one of each"
                found = compared(first, second, outlets)
                rows.append({"axis": name, "by": by, "poles": poles, "round": round_, **found})
    progress("rounds", len(LESSONS) * settings.rounds, len(LESSONS) * settings.rounds)
    if not rows:
        raise InputError(f"{refused[0]} (and so for every round)")
    table = pl.DataFrame(rows)
    return Outcome(
        tables={"rounds": table, "intervals": _summary(table)},
        plots=[coverage_dots(table)],
        findings=_findings(table),
        methods=METHODS,
        notes=[
            "Halves are smaller than what ships, so differences and standard errors are larger than those of the "
            "shipped axes; what carries over is whether the one holds the other.",
            "Both halves have the encoder, the codebooks and the coders in common, and intervals say nothing of these.",
            "The rounds halve the same anchors and articles, and texts of one round share their axes: the range over "
            "rounds is a rough guide.",
            *refused,
            *news.warnings,
        ],
        inputs=hashes_of(news.files),
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def draw_judged(articles: list[dict[str, str]], news: LabelledNews, n: int, seed: int) -> list[Paragraph]:
    """Draw paragraphs of 25 to 160 words from articles without a label, one an article, no text twice or labelled."""
    few, many = PARAGRAPH_WORDS
    labelled = set(news.documents)
    pool = [
        each
        for each in paragraphs_of(row for row in articles if row["id"] not in labelled)
        if few <= len(each.text.split()) <= many
    ]
    taken: dict[str, Paragraph] = {}
    texts = set(news.texts)
    for place in np.random.default_rng([seed, 6]).permutation(len(pool)):
        each = pool[place]
        if each.article not in taken and each.text not in texts:
            taken[each.article] = each
            texts.add(each.text)
            if len(taken) == n:
                break
    return list(taken.values())


def halves(groups: Sequence[str], generator: np.random.Generator) -> list[Rows]:
    """Give the rows of either half of the groups, drawn at random."""
    names = generator.permutation(np.unique(groups))
    return [np.flatnonzero(np.isin(groups, names[half::2])) for half in (0, 1)]


def _groups(names: list[str], fewest: int) -> list[Rows]:
    """Give the rows of each name that has enough."""
    rows = [np.flatnonzero(np.array(names) == name) for name in sorted(set(names))]
    return [those for those in rows if len(those) >= fewest]


def _scored(axis: FramingAxis, texts: Embeddings) -> Scored:
    features, scale = axis._features(texts), axis.scale_
    poles = "networks" if len(scale.networks_) else "lines"
    return Scored(scale.position(features), scale.anchor_draws(features), poles)


def compared(first: Scored, second: Scored, groups: list[Rows]) -> dict[str, float]:
    """Compare two axes' positions of the same texts, and their means of groups, with what their draws say.

    Returns
    -------
    dict of str to float
        Of `texts` and `groups`: the share of differences within the 95% intervals, their root mean square, and that of
        their standard errors.
    """

    def means(values: Floats) -> Floats:
        clipped = np.clip(values, -1.0, 1.0)
        return np.stack([clipped[..., those].mean(axis=-1) for those in groups], axis=-1)

    found = {}
    for what, at in (("texts", lambda values: values), ("groups", means)):
        difference = at(first.position) - at(second.position)
        variance = at(first.draws).var(axis=0) + at(second.draws).var(axis=0)
        found[f"{what} within"] = float(np.mean(np.abs(difference) <= _REACH * np.sqrt(variance)))
        found[f"{what} difference"] = float(np.sqrt(np.mean(difference**2)))
        found[f"{what} standard error"] = float(np.sqrt(np.mean(variance)))
        found[f"n {what}"] = len(difference)
    return found


def _summary(table: pl.DataFrame) -> pl.DataFrame:
    """Give means over rounds, and the least and the most coverage."""
    measures = [f"{what} {measure}" for what in ("texts", "groups") for measure in ("difference", "standard error")]
    return table.group_by("axis", "by", maintain_order=True).agg(
        pl.col("poles").unique(maintain_order=True).str.join(", "),
        *(
            expression
            for what in ("texts within", "groups within")
            for expression in (
                pl.col(what).mean(),
                pl.col(what).min().alias(f"{what}, least"),
                pl.col(what).max().alias(f"{what}, most"),
            )
        ),
        pl.col(*measures).mean(),
        pl.col("n texts", "n groups").first(),
        pl.len().alias("rounds"),
    )


def coverage_dots(table: pl.DataFrame) -> Plot:
    """Draw the share of differences within the intervals, a row an axis, a panel for paragraphs and one for outlets."""
    data = _summary(table)
    names = data["axis"].unique(maintain_order=True).to_list()
    first = data.row(0, named=True)
    note = (
        "Open: anchors alone; filled: anchors and labels. Dots: means over rounds (how many: beside the name); bars: "
        f"the least and the most. n = {first['n texts']} paragraphs, {first['n groups']} outlets. Dashed: 95%, what "
        "the intervals say."
    )
    panels = {"texts": "Paragraphs", "groups": "Means of outlets"}
    rounds = dict(data.select("axis", "rounds").iter_rows())
    lowest = float(data.select(f"{what} within, least" for what in panels).to_numpy().min())
    with styled(2):
        figure = page(2, 2.6, note)
        for axes, (what, title) in zip(figure.subplots(1, 2, sharey=True), panels.items(), strict=True):
            for row in data.iter_rows(named=True):
                shift, face, edge = _LOOKS[row["by"]]
                place = names.index(row["axis"]) + shift
                ends = [row[f"{what} within, least"], row[f"{what} within, most"]]
                axes.plot(ends, [place, place], color=edge, linewidth=1.2, solid_capstyle="butt", zorder=1)
                axes.plot(
                    [row[f"{what} within"]], [place], "o", markerfacecolor=face, markeredgecolor=edge, markersize=5
                )
            axes.axvline(0.95, color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
            axes.set_title(title)
            axes.set_xlim(min(0.85, lowest) - 0.05, 1.02)
            axes.set_xlabel("Share of differences within the intervals")
            axes.grid(axis="x", linewidth=0.4, color="#e3e3e3")
            axes.set_axisbelow(True)
            axes.tick_params(axis="y", length=0)
            axes.set_yticks(range(len(names)), [f"{name} ({rounds[name]})" for name in names])
            axes.set_ylim(len(names) - 0.5, -0.5)
        finish(figure)
    caption = "Whether intervals hold what other anchors and other labels teach. " + note
    return Plot("coverage_dots", figure, data, caption, note)


def _findings(table: pl.DataFrame) -> list[str]:
    said = []
    for row in _summary(table).iter_rows(named=True):
        said.append(
            f"{row['axis']}, {row['by']} ({row['poles']}): {row['texts within']:.0%} of {row['n texts']} paragraphs "
            f"and {row['groups within']:.0%} of {row['n groups']} outlets differ by no more than the 95% intervals "
            f"say, over {row['rounds']} round{'s' * (row['rounds'] > 1)}."
        )
    return said


if __name__ == "__main__":
    experiment_main("interval_benchmark", TITLE, Settings, benchmark)
