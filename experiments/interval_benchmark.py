"""Whether intervals of the shipped axes hold what other anchors and other labelled articles would have taught.

Question
    A score's interval is to say how far it hangs on the anchors that were written and on the articles that were
    labelled. Two teams, each with half of the anchors' subjects and half of the labelled articles, make the same axis:
    do their scores of the same paragraphs, and their means of the same outlets, differ by no more than their intervals
    say? And so with few subjects, as whoever writes anchors of their own may have?

Command
    python -m experiments.interval_benchmark configs/experiments/interval_benchmark.yaml --set data=FOLDER
Run time
    30 minutes on two cores.
Expected
    The table `intervals`, and a figure of it: for each axis, from anchors of few subjects, from half of the anchors,
    and with labels, the share of differences within the 95% intervals, and how large differences and standard errors
    are.

The sentences' share of an interval is left out: both teams score the same texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
    "In each round the anchors' subjects and the labelled articles are halved at random, and each half makes the axis, "
    "first by its anchors alone; beside that, two teams get the anchors of a few subjects each, none in common. Both "
    "axes score paragraphs of articles without a label, one an article. A difference counts as within if it is at most "
    "1.96 of its standard errors, the root of the sum of the two variances that the draws of the axes give; the "
    "sentences' share is left out. Paragraphs are compared before scores are held within -1 and +1, outlets are means "
    "of scores, and of draws, that are held."
)

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_REACH = NormalDist().inv_cdf(0.975)
_FEW, _ANCHORS, _LABELS = "anchors of few subjects", "half of the anchors", "half of anchors and labels"
_LOOKS = {_FEW: (-0.25, "white", GREY), _ANCHORS: (0.0, "white", ORANGE), _LABELS: (0.25, BLUE, BLUE)}


@dataclass(frozen=True)
class Scored:
    """Texts as one axis scores them.

    Attributes
    ----------
    position : ndarray of float64, shape (n,)
        Unclipped.
    draws : ndarray of float64, shape (n_draws, n)
        Unclipped, and centred on the position.
    """

    position: Floats
    draws: Floats


class Settings(LabelledNewsSettings):
    """What is halved and what is scored."""

    dangers: Annotated[str, PathValue("file")] = Field(description="The folder with paragraphs about dangers.")
    rounds: int = Field(40, ge=1, description="By anchors alone.")
    labelled_rounds: int = Field(8, ge=1, description="Of the rounds, the first that labels teach too.")
    few: int = Field(12, ge=2, description="Subjects that count as few.")
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

    def axis(self, own: Rows, n_bootstrap: int, random_state: int) -> FramingAxis:
        """Make an axis of some anchors; with other random starts for another team."""
        poles, subjects = np.asarray(self.anchors.poles), np.asarray(self.anchors.subjects)
        axis = FramingAxis(n_bootstrap=n_bootstrap, random_state=random_state)
        return axis.fit(self.anchor_vectors.take(own), poles[own], subjects[own])

    def teach(self, axis: FramingAxis, labelled: Rows) -> FramingAxis:
        """Let some labelled texts move an axis."""
        documents = [self.texts.documents[row] for row in labelled]
        nuisance = None if self.nuisance is None else self.nuisance[labelled]
        return axis.learn(self.vectors.take(labelled), self.y[labelled], documents, nuisance)


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
    refused: Counter[tuple[str, str]] = Counter()
    for number, name in enumerate(LESSONS):
        anchors = Anchors.load(name)
        known, texts, y, nuisance = news.lesson(name)
        material = Material(anchors, encoder.encode(anchors.texts), texts, taught.take(known), y, nuisance)
        for round_ in range(settings.rounds):
            progress("rounds", number * settings.rounds + round_, len(LESSONS) * settings.rounds)
            for by, axes in _teams(material, settings, round_):
                if axes is None:
                    refused[name, by] += 1
                else:
                    first, second = (_scored(axis, scored) for axis in axes)
                    found = compared(first, second, outlets)
                    rows.append({"axis": name, "by": by, "poles": _poles(axes), "round": round_, **found})
    progress("rounds", len(LESSONS) * settings.rounds, len(LESSONS) * settings.rounds)
    if not rows:
        raise InputError("in every round the anchors were too few to tell the poles of any axis apart")
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
            "The rounds draw on the same anchors and articles, so the intervals of their means are a rough guide.",
            *(
                f"{name}, by {by}: {n} of {settings.rounds} rounds are left out, since the anchors of a team could not "
                "tell the poles apart"
                for (name, by), n in refused.items()
            ),
            *news.warnings,
        ],
        inputs=hashes_of(news.files),
        model={"name": "all-MiniLM-L6-v2", "sha256": encoder.model_hash_},
    )


def _teams(material: Material, settings: Settings, round_: int) -> Iterator[tuple[str, list[FramingAxis] | None]]:
    """Give the axes of two teams, by what they have; None where a team's anchors do not tell the poles apart."""
    generator = np.random.default_rng([settings.seed, round_])
    subjects = material.anchors.subjects
    parts = {_ANCHORS: halves(subjects, generator)}
    labelled = halves(material.texts.documents, generator)
    parts[_FEW] = halves(subjects, generator, settings.few)
    for by, own in parts.items():
        try:
            axes = [material.axis(rows, settings.n_bootstrap, settings.seed + team) for team, rows in enumerate(own)]
        except InputError:
            yield by, None
            continue
        yield by, axes
        if by == _ANCHORS and round_ < settings.labelled_rounds:
            yield _LABELS, [material.teach(*team) for team in zip(axes, labelled, strict=True)]


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


def halves(groups: Sequence[str], generator: np.random.Generator, most: int | None = None) -> list[Rows]:
    """Give the rows of either half of the groups, drawn at random; at most so many groups each."""
    names = generator.permutation(np.unique(groups))[: None if most is None else 2 * most]
    return [np.flatnonzero(np.isin(groups, names[half::2])) for half in (0, 1)]


def _groups(names: list[str], fewest: int) -> list[Rows]:
    """Give the rows of each name that has enough."""
    rows = [np.flatnonzero(np.array(names) == name) for name in sorted(set(names))]
    return [those for those in rows if len(those) >= fewest]


def _scored(axis: FramingAxis, texts: Embeddings) -> Scored:
    features, scale = axis._features(texts), axis.scale_
    return Scored(scale.position(features), scale.anchor_draws(features))


def _poles(axes: list[FramingAxis]) -> str:
    found = sorted({"networks" if len(axis.scale_.networks_) else "lines" for axis in axes})
    return found[0] if len(found) == 1 else "one of each"


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
    """Give means over rounds; of coverage with the 95% interval (t) that the rounds leave it."""
    from scipy.stats import t

    measures = [f"{what} {measure}" for what in ("texts", "groups") for measure in ("difference", "standard error")]
    covered = [f"{what} within" for what in ("texts", "groups")]
    data = table.group_by("axis", "by", maintain_order=True).agg(
        pl.col("poles").unique(maintain_order=True).str.join(", "),
        pl.col(*covered, *measures).mean(),
        *(pl.col(what).std().fill_null(0.0).alias(f"{what}, sd") for what in covered),
        pl.col("n texts", "n groups").first(),
        pl.len().alias("rounds"),
    )
    freedom = np.maximum(data["rounds"].to_numpy() - 1, 1)
    reach = pl.Series(t.ppf(0.975, freedom) / np.sqrt(data["rounds"].to_numpy()))
    for what in covered:
        sd = pl.col(f"{what}, sd")
        data = data.with_columns(
            (pl.col(what) - reach * sd).clip(0.0, 1.0).alias(f"{what}, low"),
            (pl.col(what) + reach * sd).clip(0.0, 1.0).alias(f"{what}, high"),
        ).drop(f"{what}, sd")
    order = pl.col("by").replace_strict({by: place for place, by in enumerate(_LOOKS)}, default=len(_LOOKS))
    names = data["axis"].unique(maintain_order=True).to_list()
    return data.sort(pl.col("axis").replace_strict({name: at for at, name in enumerate(names)}), order)


def coverage_dots(table: pl.DataFrame) -> Plot:
    """Draw the share of differences within the intervals, a row an axis, a panel for paragraphs and one for outlets."""
    data = _summary(table)
    names = data["axis"].unique(maintain_order=True).to_list()
    first = data.row(0, named=True)
    most = dict(data.group_by("by").agg(pl.col("rounds").max()).iter_rows())
    note = (
        f"Dots: means over rounds ({', '.join(f'{by}: at most {most[by]}' for by in _LOOKS if by in most)}); bars: 95% "
        f"intervals of these means. n = {first['n texts']} paragraphs, {first['n groups']} outlets. Dashed: 95%, what "
        "the intervals of scores say."
    )
    panels = {"texts": "Paragraphs", "groups": "Means of outlets"}
    lowest = float(data.select(f"{what} within, low" for what in panels).to_numpy().min())
    with styled(2):
        figure = page(2, 3.4, note)
        for axes, (what, title) in zip(figure.subplots(1, 2, sharey=True), panels.items(), strict=True):
            for by, (shift, face, edge) in _LOOKS.items():
                for row in data.filter(pl.col("by") == by).iter_rows(named=True):
                    place = names.index(row["axis"]) + shift
                    ends = [row[f"{what} within, low"], row[f"{what} within, high"]]
                    axes.plot(ends, [place, place], color=edge, linewidth=1.2, solid_capstyle="butt", zorder=1)
                    axes.plot([row[f"{what} within"]], [place], "o", color=edge, markerfacecolor=face, markersize=5)
                axes.plot([], [], "o", color=edge, markerfacecolor=face, markersize=5, label=by)
            axes.axvline(0.95, color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
            axes.set_title(title)
            axes.set_xlim(min(0.85, lowest) - 0.02, 1.01)
            axes.set_xlabel("Share of differences within the intervals")
            axes.grid(axis="x", linewidth=0.4, color="#e3e3e3")
            axes.set_axisbelow(True)
            axes.tick_params(axis="y", length=0)
            axes.set_yticks(range(len(names)), names)
            axes.set_ylim(len(names) - 0.5, -0.5)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=len(_LOOKS))
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
