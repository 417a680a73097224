"""Aliases: what they match in a text, and targets that cannot be told apart."""

from __future__ import annotations

import pytest

from research.errors import ConfigError
from research.stance import Target
from research.stance._targets import alias_pattern, check_targets


@pytest.mark.parametrize(
    ("aliases", "text", "found"),
    [
        (("US",), "The US told us that US's aims and USB sticks differ", ["US", "US's"]),
        (("the west", "western"), "The West, western Europe and Westerners", ["The West", "western"]),
        (("U.S.",), "The U.S. and the U.S.-led group", ["U.S.", "U.S."]),
        (("tariff",), "Tariffs' end: a tariff’s cost", ["Tariffs'", "tariff’s"]),
        (("India", "India-Russia ties"), "India-Russia ties and India", ["India-Russia ties", "India"]),
        (("New Delhi",), "New\n Delhi", ["New\n Delhi"]),
        (("India",), "Indiana and Indian", []),
        (
            ("Russian",),
            "Russians’ and a Russian's; anti-Russian, pro‑Russian",
            ["Russians’", "Russian's"] + ["Russian"] * 2,
        ),
        (("ally", "country"), "Allies of both countries, the ally’s", ["Allies", "countries", "ally’s"]),
        (("Germany",), "both Germanys and GERMANY’S", ["Germanys", "GERMANY’S"]),
        (("Russia",), "RUSSIA’S war; RUSSIA; russia", ["RUSSIA’S", "RUSSIA"]),
        (("US",), "tell us; THE US; USA; U.S.", ["US"]),
        (("U.S.",), "U.S.’s and (U.S.) and U.S.\nforces, the U.S.", ["U.S.’s", "U.S.", "U.S.", "U.S."]),
        (("India-Russia",), "India–Russia, India‑Russia and India-\nRussia", ["India–Russia", "India‑Russia"]),
        (("People's Republic",), "People’s\u00a0Republic", ["People’s\u00a0Republic"]),
        (("India",), "_India_ and 'India' and India-", ["India"] * 3),
        (("both sides",), "Both\nsides’ aims", ["Both\nsides’"]),
        (("Côte d'Ivoire",), "Côte d’Ivoire’s", ["Côte d’Ivoire’s"]),
        (("C++ group",), "the C++ groups", ["C++ groups"]),
    ],
)
def test_what_an_alias_matches(aliases, text, found) -> None:
    assert alias_pattern(aliases).findall(text) == found


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([], "empty"),
        ([Target("a", "A", ("Delhi",)), Target("b", "B", ("Delhi",))], "`Delhi` stands for both `a` and `b`"),
        ([Target("a", "A", ("West",)), Target("b", "B", ("west",))], "stands for both"),
        ([Target("a", "A", ("X",)), Target("a", "A", ("Y",))], "named twice"),
        ([Target("Us West", "US", ("US",))], "lower-case"),
        ([Target("a", "A", ())], "neither aliases"),
        ([Target("a", "A", ("-",))], "no letter"),
        ([Target("a", "A", (), implied_by=(("russa",),)), Target("russia", "R", ("R",))], "did you mean `russia`"),
        ([Target("a", "A", (), implied_by=((),)), Target("b", "B", ("B",))], "is empty"),
    ],
)
def test_targets_that_cannot_be_told_apart(targets, message) -> None:
    with pytest.raises(ConfigError, match=message):
        check_targets(targets)
