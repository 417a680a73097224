"""Two teams make one measure, each of its own material: whether their intervals hold how far they differ.

Used by `experiments.interval_benchmark` (framing axes) and `experiments.stance_intervals`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from research.errors import InputError
from research.figures import Plot, finish, page, styled
from research.figures._style import BLUE, GREY, ORANGE
from research.study import Section

__all__ = [
    "ANCHORS",
    "FEW",
    "TAUGHT",
    "Material",
    "RoundSettings",
    "Scored",
    "Table",
    "compared",
    "coverage_dots",
    "groups_of",
    "halves",
    "summary",
]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

FEW, ANCHORS, TAUGHT = "anchors of few subjects", "half of the anchors", "half of anchors and labels"
_LOOKS = {FEW: (-0.25, "white", GREY), ANCHORS: (0.0, "white", ORANGE), TAUGHT: (0.25, BLUE, BLUE)}
_REACH = NormalDist().inv_cdf(0.975)


class RoundSettings(Section):
    """How often teams are drawn, and of what."""

    rounds: int = Field(40, ge=1, description="By anchors alone.")
    labelled_rounds: int = Field(8, ge=1, description="Of the rounds, the first that labels teach too.")
    few: int = Field(12, ge=2, description="Subjects of each team with few anchors.")
    fewest: int = Field(10, ge=2, description="Texts that make the mean of a group.")
    n_bootstrap: int = Field(100, ge=2, description="Draws of each measure.")
    seed: int = Field(0, ge=0)


@dataclass(frozen=True)
class Scored:
    """Texts as one team's measure scores them.

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
    poles: str


class Material(Protocol):
    """What a measure is made of: anchors by subject, labelled texts by document, and the texts that are scored."""

    @property
    def subjects(self) -> Sequence[str]:
        """Of the anchors."""

    @property
    def documents(self) -> Sequence[str]:
        """Of the labelled texts."""

    def make(self, own: Rows, n_bootstrap: int, random_state: int) -> Any:
        """Make the measure of some anchors; `InputError` where these do not tell the poles apart."""

    def teach(self, model: Any, labelled: Rows) -> Any:
        """Let some labelled texts teach it."""

    def score(self, model: Any) -> Scored:
        """Score the texts."""


class Table:
    """Collects how far two teams differ, round by round.

    Parameters
    ----------
    settings : RoundSettings
    groups : list of ndarray of int64
        The rows of the texts of each group.
    texts_name, groups_name : str
        What they are, in the plural.
    progress : callable
        Called with a label, the rounds done and all of them.
    n_measures : int
    """

    def __init__(
        self,
        settings: RoundSettings,
        groups: list[Rows],
        texts_name: str,
        groups_name: str,
        progress: Callable[[str, int, int], None],
        n_measures: int = 1,
    ) -> None:
        if not groups:
            raise InputError(f"no group has {settings.fewest} {texts_name}; lower `fewest` or score more of them")
        self.settings, self.groups = settings, groups
        self.progress, self.done, self.all = progress, 0, n_measures * settings.rounds
        self.names = {"texts": texts_name, "groups": groups_name}
        self.rows: list[dict[str, Any]] = []
        self.refused: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, material: Material) -> None:
        """Let teams make one measure in each of the rounds."""
        n_subjects, few = len(set(material.subjects)), self.settings.few
        if n_subjects < 2 * few:
            raise InputError(
                f"{name} has anchors of {n_subjects} subjects; key `few` is {few}, and can be {n_subjects // 2}"
            )
        for round_ in range(self.settings.rounds):
            for by, scored in _teams(material, self.settings, round_):
                if scored is None:
                    self.refused[name, by] += 1
                    continue
                first, second = scored
                poles = first.poles if first.poles == second.poles else "one of each"
                found = compared(first, second, self.groups)
                self.rows.append({"measure": name, "by": by, "poles": poles, "round": round_, **found})
            self.done += 1
            self.progress("rounds", self.done, self.all)

    def rounds(self) -> pl.DataFrame:
        """Give a row for each comparison."""
        if not self.rows:
            raise InputError("in every round the anchors of a team were too few to tell the poles apart")
        return pl.DataFrame(self.rows)

    def notes(self) -> list[str]:
        """Say what to keep in mind."""
        return [
            "Halves are smaller than what ships, so differences and standard errors are larger than its own; what "
            "carries over is whether the one holds the other.",
            "Both teams have the encoder, the codebooks and the coders in common, and intervals say nothing of these.",
            "The rounds draw on the same anchors and documents, so the intervals of their means are a rough guide.",
            *(
                f"{name}, by {by}: {n} rounds are left out, since what a team had could not tell the poles apart"
                for (name, by), n in self.refused.items()
            ),
        ]

    def findings(self) -> list[str]:
        """Say how often the intervals held."""
        return [
            f"{row['measure']}, {row['by']} ({row['poles']}): {row['texts within']:.0%} of {row['n texts']} "
            f"{self.names['texts']} and {row['groups within']:.0%} of {row['n groups']} {self.names['groups']} differ "
            f"by no more than the 95% intervals say, over {row['rounds']} round{'s' * (row['rounds'] > 1)}."
            for row in summary(self.rounds()).iter_rows(named=True)
        ]

    def plot(self) -> Plot:
        """Draw the figure."""
        return coverage_dots(self.rounds(), self.names)


def _teams(
    material: Material, settings: RoundSettings, round_: int
) -> Iterator[tuple[str, tuple[Scored, Scored] | None]]:
    """Give what two teams' measures say, by what they have; None where a team's do not tell the poles apart."""
    generator = np.random.default_rng([settings.seed, round_])
    parts = {ANCHORS: halves(material.subjects, generator)}
    labelled = halves(material.documents, generator)
    parts[FEW] = halves(material.subjects, generator, settings.few)
    for by, own in parts.items():
        models: list[Any] | None = None
        taught: list[Any] | None = None
        with suppress(InputError):  # other random starts for either team
            models = [material.make(rows, settings.n_bootstrap, settings.seed + team) for team, rows in enumerate(own)]
        yield by, _pair(material, models)
        if by == ANCHORS and round_ < settings.labelled_rounds:
            if models is not None:
                with suppress(InputError):
                    taught = [material.teach(*team) for team in zip(models, labelled, strict=True)]
            yield TAUGHT, _pair(material, taught)


def _pair(material: Material, models: list[Any] | None) -> tuple[Scored, Scored] | None:
    return None if models is None else (material.score(models[0]), material.score(models[1]))


def halves(groups: Sequence[str], generator: np.random.Generator, most: int | None = None) -> list[Rows]:
    """Give the rows of either half of the groups, drawn at random; at most so many groups each."""
    names = generator.permutation(np.unique(groups))[: None if most is None else 2 * most]
    return [np.flatnonzero(np.isin(groups, names[half::2])) for half in (0, 1)]


def groups_of(names: list[str], fewest: int) -> list[Rows]:
    """Give the rows of each name that has enough."""
    rows = [np.flatnonzero(np.array(names) == name) for name in sorted(set(names))]
    return [those for those in rows if len(those) >= fewest]


def compared(first: Scored, second: Scored, groups: list[Rows]) -> dict[str, float]:
    """Compare two measures' positions of the same texts, and their means of groups, with what their draws say.

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


def summary(table: pl.DataFrame) -> pl.DataFrame:
    """Give means over rounds; of coverage with the 95% interval (t) that two rounds or more leave it."""
    from scipy.stats import t

    measures = [f"{what} {measure}" for what in ("texts", "groups") for measure in ("difference", "standard error")]
    covered = [f"{what} within" for what in ("texts", "groups")]
    data = table.group_by("measure", "by", maintain_order=True).agg(
        pl.col("poles").unique(maintain_order=True).str.join(", "),
        pl.col(*covered, *measures).mean(),
        *(pl.col(what).std().alias(f"{what}, sd") for what in covered),
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
    names = data["measure"].unique(maintain_order=True).to_list()
    return data.sort(pl.col("measure").replace_strict({name: at for at, name in enumerate(names)}), order)


def coverage_dots(table: pl.DataFrame, called: dict[str, str]) -> Plot:
    """Draw the share of differences within the intervals, a row a measure, a panel for texts and one for groups."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    data = summary(table)
    names = data["measure"].unique(maintain_order=True).to_list()
    first = data.row(0, named=True)
    most = dict(data.group_by("by").agg(pl.col("rounds").max()).iter_rows())
    rounds = ", ".join(f"{by}: at most {most[by]}" for by in _LOOKS if by in most)
    note = (
        f"Dots: means over rounds ({rounds}); bars: 95% intervals of these means. n = {first['n texts']} "
        f"{called['texts']}, {first['n groups']} {called['groups']}. Dashed: 95%, what the intervals of scores say."
    )
    panels = {"texts": called["texts"].capitalize(), "groups": f"Means of {called['groups']}"}
    lowest = float(np.nanmin(data.select(f"{what} within{end}" for what in panels for end in ("", ", low")).to_numpy()))
    with styled(2):
        figure = page(2, 1.4 + 0.4 * len(names), note)
        for axes, (what, title) in zip(figure.subplots(1, 2, sharey=True), panels.items(), strict=True):
            for by, (shift, face, edge) in _LOOKS.items():
                for row in data.filter(pl.col("by") == by).iter_rows(named=True):
                    place = names.index(row["measure"]) + shift
                    ends = [row[f"{what} within, low"], row[f"{what} within, high"]]
                    if None not in ends:  # as of one round
                        axes.plot(ends, [place, place], color=edge, linewidth=1.2, solid_capstyle="butt", zorder=1)
                    axes.plot([row[f"{what} within"]], [place], "o", color=edge, markerfacecolor=face, markersize=5)
                if by in most:
                    axes.plot([], [], "o", color=edge, markerfacecolor=face, markersize=5, label=by)
            axes.axvline(0.95, color=GREY, linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
            axes.set_title(title)
            axes.set_xlim(min(0.85, lowest) - 0.02, 1.01)
            axes.set_xlabel("Share of differences within the intervals")
            axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axes.grid(axis="x", linewidth=0.4, color="#e3e3e3")
            axes.set_axisbelow(True)
            axes.tick_params(axis="y", length=0)
            axes.set_yticks(range(len(names)), names)
            axes.set_ylim(len(names) - 0.5, -0.5)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=len(_LOOKS))
        finish(figure)
    caption = "Whether intervals hold what other anchors and other labels teach. " + note
    return Plot("coverage_dots", figure, data, caption, note)
