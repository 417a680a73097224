"""What the intervals are held against: halves without anything in common, texts that taught nothing, honest counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments import stance_intervals
from experiments._interval_teams import (
    _LOOKS,
    ANCHORS,
    FEW,
    TAUGHT,
    Scored,
    Table,
    _teams,
    compared,
    coverage_dots,
    groups_of,
    halves,
    summary,
)
from experiments._news_labels import LABELS, LESSONS, LabelledNews
from experiments._stance_methods import Case
from experiments.interval_benchmark import Material, Settings, draw_judged
from research._label_shift import N_NETWORKS
from research.errors import InputError
from research.framing import Anchors
from research.study import load_config

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Rows:
    """Vectors without texts, as embeddings give them."""

    values: np.ndarray

    def take(self, rows: np.ndarray) -> np.ndarray:
        return self.values[rows]


def labelled(documents: list[str], texts: list[str], **labels: list[float]) -> LabelledNews:
    n = len(texts)
    no = np.zeros(n, dtype=bool)
    values = {name: np.array(labels.get(name, [np.nan] * n)) for name in LABELS}
    strata = ["wire"] * (n // 2) + ["subject"] * (n - n // 2)
    return LabelledNews(texts, documents, ["t"] * n, strata, no, no, values, {}, [], [])


def test_halves_have_no_group_in_common_and_leave_none_out() -> None:
    groups = [f"g{row % 7}" for row in range(40)]
    first, second = halves(groups, np.random.default_rng(0))
    assert sorted([*first, *second]) == list(range(40))
    assert not {groups[row] for row in first} & {groups[row] for row in second}
    assert abs(len({groups[row] for row in first}) - len({groups[row] for row in second})) == 1
    again, _ = halves(groups, np.random.default_rng(2))
    assert not np.array_equal(first, again)


def test_what_is_judged_is_of_articles_without_a_label() -> None:
    words = " ".join(["word"] * 30)
    articles = [
        {"id": f"a{at}", "outlet": "o", "topic": "t", "title": "T", "text": f"{words} {at}\nshort\n{words} more {at}"}
        for at in range(12)
    ] + [{"id": "same", "outlet": "o", "topic": "t", "title": "T", "text": f"{words} 5"}]
    news = labelled(["a0", "a3"], ["a text of a0", f"{words} more 7"])
    drawn = draw_judged(articles, news, 8, 0)
    assert len(drawn) == 8 == len({each.article for each in drawn}) == len({each.text for each in drawn})
    everything = draw_judged(articles, news, 100, 0)
    assert not {each.article for each in everything} & {"a0", "a3"}
    assert f"{words} more 7" not in {each.text for each in everything}  # labelled, if under another article's name
    assert len(everything) in (10, 11)  # one short of all where both articles with one text drew that text


def test_true_intervals_hold_nineteen_of_twenty_and_half_as_wide_ones_do_not() -> None:
    generator = np.random.default_rng(0)
    truth = generator.normal(0, 0.3, 2000)
    groups = [np.arange(2000)[at::40] for at in range(40)]

    def team(claimed: float) -> Scored:
        found = truth + generator.normal(0, 0.2, 2000)
        return Scored(found, found + generator.normal(0, claimed, (400, 2000)), "lines")

    honest, narrow = (compared(team(claimed), team(claimed), groups) for claimed in (0.2, 0.1))
    assert honest["texts within"] == pytest.approx(0.95, abs=0.02) and narrow["texts within"] < 0.75
    assert honest["groups within"] >= 0.85 and honest["n groups"] == 40 and honest["n texts"] == 2000
    assert honest["texts difference"] == pytest.approx(0.2 * 2**0.5, rel=0.05)
    assert honest["texts standard error"] == pytest.approx(0.2 * 2**0.5, rel=0.05)
    assert honest["groups standard error"] < 0.2 * honest["texts standard error"]


@pytest.mark.parametrize("name", ["interval_benchmark", "stance_intervals"])
def test_the_configs_are_whole(name: str) -> None:
    settings = {"interval_benchmark": Settings, "stance_intervals": stance_intervals.Settings}[name]
    found = load_config(ROOT / f"configs/experiments/{name}.yaml", settings, ["data=."]).values
    assert found.n_bootstrap >= N_NETWORKS and found.labelled_rounds <= found.rounds


def test_a_summary_is_over_rounds() -> None:
    one = {"measure": "a", "by": "anchors", "texts difference": 0.1, "texts standard error": 0.2}
    one |= {"groups difference": 0.1, "groups standard error": 0.2, "n texts": 9, "n groups": 2}
    rows = [
        {**one, "poles": poles, "round": at, "texts within": within, "groups within": 1.0}
        for at, (poles, within) in enumerate((("lines", 0.9), ("networks", 1.0), ("lines", 0.8)))
    ]
    (row,) = summary(pl.DataFrame(rows)).iter_rows(named=True)
    assert row["poles"] == "lines, networks" and row["rounds"] == 3 and row["n texts"] == 9
    assert row["texts within"] == pytest.approx(0.9)
    # Three rounds: t of two degrees of freedom is 4.303, and the standard deviation .1.
    assert row["texts within, low"] == pytest.approx(0.9 - 4.303 * 0.1 / 3**0.5, abs=1e-3)
    assert row["texts within, high"] == 1.0 and row["groups within, low"] == 1.0


def test_the_figure_shows_every_mean_with_its_interval() -> None:
    one = {"poles": "lines", "texts difference": 0.1, "texts standard error": 0.2, "groups difference": 0.1}
    one |= {"groups standard error": 0.2, "n texts": 9, "n groups": 2}
    rows = [
        {**one, "measure": axis, "by": by, "round": at, "texts within": within, "groups within": 0.3}
        for axis in ("a", "b")
        for by in (ANCHORS, TAUGHT, FEW)
        for at, within in enumerate((0.6, 0.61, 0.62))
    ]
    plot = coverage_dots(pl.DataFrame(rows), {"texts": "paragraphs", "groups": "outlets"})
    left, right = plot.figure.axes
    assert [text.get_text() for text in left.get_yticklabels()] == ["a", "b"]
    assert plot.data["measure"].to_list() == ["a"] * 3 + ["b"] * 3 and plot.data["by"].to_list() == [*_LOOKS] * 2
    reach = 4.303 * 0.01 / 3**0.5
    drawn = [list(line.get_xdata()) for line in left.lines]
    assert sum(x == [pytest.approx(0.61 - reach, abs=1e-4), pytest.approx(0.61 + reach, abs=1e-4)] for x in drawn) == 6
    assert sum(x == [pytest.approx(0.61)] for x in drawn) == 6
    heights = [line.get_ydata()[0] for line in left.lines if list(line.get_xdata()) == [pytest.approx(0.61)]]
    assert len(set(heights)) == 6  # none lies on another
    assert all(axes.get_xlim()[0] < 0.3 for axes in (left, right))  # nothing lies outside
    assert "n = 9 paragraphs, 2 outlets" in plot.note and plot.note.count("at most 3") == 3


def test_teams_with_few_anchors_have_no_subject_in_common_and_labels_come_to_the_first_rounds() -> None:
    groups = [f"g{row % 30}" for row in range(90)]
    few = halves(groups, np.random.default_rng(0), 12)
    names = [{groups[row] for row in rows} for rows in few]
    assert [len(each) for each in names] == [12, 12] and not names[0] & names[1]
    rng = np.random.default_rng(1)
    poles, subjects = np.tile([-1.0, 0.0, 1.0], 30), np.repeat([f"s{at}" for at in range(30)], 3)
    X = np.outer(poles, np.ones(4)) + 0.3 * rng.normal(size=(90, 4))
    said = tuple(f"text {at}" for at in range(90))
    anchors = Anchors("voice", "Voice", "en", ("up", "plain", "down"), said, poles, tuple(subjects))
    texts = labelled([f"d{at // 2}" for at in range(40)], [f"l{at}" for at in range(40)])
    y = np.tile([-1.0, 0.0, 1.0, 0.0], 10)
    vectors = np.outer(y, np.ones(4)) + 0.3 * rng.normal(size=(40, 4))
    material = Material(anchors, Rows(X), texts, Rows(vectors), y, None, X)
    settings = load_config(
        ROOT / "configs/experiments/interval_benchmark.yaml",
        Settings,
        ["data=.", "labelled_rounds=1", "n_bootstrap=32"],
    ).values
    first, second = ([(by, scored is None) for by, scored in _teams(material, settings, at)] for at in (0, 1))
    assert first == [(ANCHORS, False), (TAUGHT, False), (FEW, False)] and second == [(ANCHORS, False), (FEW, False)]
    turned = Material(anchors, Rows(rng.normal(size=(90, 4))), texts, Rows(vectors), y, None, X)
    assert (FEW, None) in [each for at in range(6) for each in _teams(turned, settings, at)]


@pytest.mark.parametrize("axis", list(LESSONS))
def test_what_teaches_an_axis_runs_from_pole_to_pole(axis: str) -> None:
    ends = {"framing": [-2.0, 0.0, 2.0, np.nan], "subjective": [0.0, 0.5, 1.0, np.nan]}
    label = LESSONS[axis].label
    news = labelled(
        list("abcd"), list("abcd"), **{"news": [-1.0, 0.0, 1.0, 1.0], label: ends.get(label, [-1, 0, 1, np.nan])}
    )
    rows, texts, y, nuisance = news.lesson(axis)
    assert rows.tolist() == [0, 1, 2] and texts.texts == ["a", "b", "c"]
    assert y.tolist() == [-1.0, 0.0, 1.0]
    assert (nuisance is not None) == (axis == "celebratory")
    if nuisance is not None:
        assert np.array_equal(nuisance, [-1.0, 0.0, np.nan], equal_nan=True)  # of plain wire copy alone


class Thermometer:
    """What measures by the mean of its material, and says how far that may be off."""

    subjects = tuple(f"s{at}" for at in range(20))
    documents = tuple(f"d{at}" for at in range(20))

    def __init__(self, claimed: float) -> None:
        self.claimed = claimed
        self.values = np.random.default_rng(0).normal(size=20)

    def make(self, own, n_bootstrap, random_state):
        if 7 in own and len(own) < 10:
            raise InputError("no")
        return self.values[own].mean(), len(own), "lines"

    def teach(self, model, labelled):
        return model[0], model[1], "networks"

    def score(self, model) -> Scored:
        mean, n, poles = model
        draws = np.random.default_rng(1).normal(mean, self.claimed / np.sqrt(n), 200)
        return Scored(np.full(6, mean) / 9, np.repeat(draws[:, None], 6, axis=1) / 9, poles)


def test_a_table_holds_teams_against_each_other_and_says_what_it_left_out() -> None:
    settings = Settings.model_construct(rounds=60, labelled_rounds=2, few=4, fewest=2, n_bootstrap=5, seed=0)
    done: list[tuple[str, int, int]] = []
    tables = []
    for claimed in (1.0, 0.3):
        table = Table(
            settings, [np.arange(3), np.arange(3, 6)], "readings", "rooms", lambda *step: done.append(step), 2
        )
        table.add("heat", Thermometer(claimed))
        tables.append(table)
    honest, narrow = ({row["by"]: row for row in summary(each.rounds()).iter_rows(named=True)} for each in tables)
    assert honest[ANCHORS]["texts within"] > 0.85 > 0.6 > narrow[ANCHORS]["texts within"]
    assert honest[TAUGHT]["rounds"] == 2 and honest[TAUGHT]["poles"] == "networks"
    left_out = 60 - honest[FEW]["rounds"]
    assert 0 < left_out < 60
    assert f"heat, by {FEW}: {left_out} rounds" in tables[0].notes()[-1]
    assert any("6 readings" in said and "2 rooms" in said for said in tables[0].findings())
    assert done[:60] == [("rounds", at + 1, 120) for at in range(60)]
    assert tables[0].plot().figure.axes[1].get_title(loc="left") == "Means of rooms"


def test_no_group_and_no_round_are_said() -> None:
    settings = Settings.model_construct(rounds=1, labelled_rounds=1, few=4, fewest=50, n_bootstrap=5, seed=0)
    with pytest.raises(InputError, match="no group has 50 readings"):
        Table(settings, groups_of(["a", "b"], 50), "readings", "rooms", print)
    with pytest.raises(InputError, match="too few"):
        Table(settings, [np.arange(3)], "readings", "rooms", print).rounds()
    settings = settings.model_copy(update={"few": 11})
    with pytest.raises(InputError, match="heat has anchors of 20 subjects; key `few` is 11, and can be 10"):
        Table(settings, [np.arange(3)], "readings", "rooms", print).add("heat", Thermometer(1.0))


def test_one_round_leaves_no_interval() -> None:
    one = {"measure": "a", "by": FEW, "poles": "lines", "round": 0, "texts within": 0.9, "groups within": 0.8}
    one |= {"texts difference": 0.1, "texts standard error": 0.2, "groups difference": 0.1}
    table = pl.DataFrame([one | {"groups standard error": 0.2, "n texts": 9, "n groups": 2}])
    (row,) = summary(table).iter_rows(named=True)
    assert row["texts within, low"] is None and row["groups within, high"] is None
    figure = coverage_dots(table, {"texts": "paragraphs", "groups": "outlets"}).figure
    assert figure.axes[0].get_xlim()[0] < 0.85 and len(figure.legends[0].get_texts()) == 1


def test_stance_is_made_of_anchors_and_moved_by_labels() -> None:
    rng = np.random.default_rng(0)
    y = np.tile([-1.0, 0.0, 1.0], 20)
    X = np.stack([y, y**2], axis=1) + 0.2 * rng.normal(size=(60, 2))
    case = Case(y, [f"g{at // 3}" for at in range(60)], [""] * 60, None)
    material = stance_intervals.Material(case, X, case, X.astype(np.float32), X[:9], 2)
    assert list(material.subjects) == list(material.documents) == case.groups
    scorer = material.make(np.arange(30), 10, 0)
    alone = material.score(scorer)
    taught = material.score(material.teach(scorer, np.arange(30, 60)))
    assert alone.poles == taught.poles == "lines"  # too few labels for networks
    assert alone.draws.shape == (10, 9) and not np.array_equal(alone.position, taught.position)
