"""What the intervals are held against: halves without anything in common, texts that taught nothing, honest counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.interval_benchmark import Scored, Settings, compared, draw_judged, halves
from research.study import load_config

ROOT = Path(__file__).resolve().parents[2]


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
    drawn = draw_judged(articles, {"a0", "a3"}, 8, 0)
    assert len(drawn) == 8 == len({each.article for each in drawn}) == len({each.text for each in drawn})
    assert not {each.article for each in drawn} & {"a0", "a3"}
    everything = draw_judged(articles, {"a0", "a3"}, 100, 0)
    assert {each.article for each in everything} <= {f"a{at}" for at in range(12)} | {"same"}
    assert len(everything) in (10, 11)  # one short of all where both articles with one text drew that text


def test_true_intervals_hold_nineteen_of_twenty_and_half_as_wide_ones_do_not() -> None:
    generator = np.random.default_rng(0)
    truth = generator.normal(0, 0.3, 2000)
    groups = [np.arange(2000)[at::40] for at in range(40)]

    def team(claimed: float) -> Scored:
        found = truth + generator.normal(0, 0.2, 2000)
        return Scored(found, found + generator.normal(0, claimed, (400, 2000)))

    honest, narrow = (compared(team(claimed), team(claimed), groups) for claimed in (0.2, 0.1))
    assert honest["texts within"] == pytest.approx(0.95, abs=0.02) and narrow["texts within"] < 0.75
    assert honest["groups within"] >= 0.85 and honest["n groups"] == 40 and honest["n texts"] == 2000
    assert honest["texts difference"] == pytest.approx(0.2 * 2**0.5, rel=0.05)
    assert honest["texts standard error"] == pytest.approx(0.2 * 2**0.5, rel=0.05)
    assert honest["groups standard error"] < 0.2 * honest["texts standard error"]


def test_the_config_is_whole() -> None:
    found = load_config(ROOT / "configs/experiments/interval_benchmark.yaml", Settings, ["data=."])
    assert found.values.rounds == 4
