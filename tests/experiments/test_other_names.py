"""Labelled mentions under other names: what is replaced, what is kept, and what each weighs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments._other_names import (
    Names,
    balanced_within,
    bare_names,
    drawn_names,
    lesson_of,
    share_of_name,
    under_other_names,
)
from experiments._stance_corpora import LabelledMentions, joined, read_press_mentions
from research import Encoder, FramingAxis, StanceScorer
from research.errors import ConfigError
from research.stance import mark_mentions, mention_features

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = Names.load(ROOT / "configs/labels/names.yaml")
NAMES = Names(
    {
        "countries": ("Chad", "Peru", "North Korea", "Korea", "Iran"),
        "persons": ("Lee", "Ortiz"),
        "adjectives": ("Iranian", "Kenyan"),
        "projects": ("plan", "accord"),
    }
)


def mention(text: str, y: float = 1.0) -> LabelledMentions:
    """Give the mention that a text marks with brackets."""
    start, end = text.index("["), text.index("]") - 1
    plain = text.replace("[", "").replace("]", "")
    return LabelledMentions([plain], [(start, end)], ["d"], np.array([y]), ["labels"], None, [])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[Chad] won.", ("Chad", "countries")),
        ("In [Chad's] north.", ("Chad", "countries")),
        ("[neighbouring Peru’s] north", ("Peru", "countries")),
        ("[North Korea] won.", ("North Korea", "countries")),  # the longest
        ("They liked [the plan].", ("plan", "projects")),
        ("A [Peruvian] won.", None),
        ("The [airplan] flew.", None),
        ("The [Peru] Post wrote.", None),
        ("The South [Peru] Sea.", None),
        ("A Peru-[Chad] border.", None),
        ("Donald [Lee] won.", ("Lee", "persons")),
        ("[Iranian] President Lee", ("Iranian", "adjectives")),
        ("African [Iranian] voters", None),
    ],
)
def test_a_mention_has_the_name_that_it_ends_with_if_that_stands_alone(text: str, name: tuple[str, str] | None) -> None:
    one = mention(text)
    assert NAMES.find(one.texts[0], *one.positions[0]) == name


def test_a_copy_has_the_other_name_wherever_the_text_has_it() -> None:
    text = "Chad said [Chad’s] army and Chadians stay; the Chad Post says Chad wins."
    copies, owner = under_other_names(mention(text), NAMES, 9, 0)
    assert owner.tolist() == [0, 0, 0, 0] and set(copies.y) == {1.0} and copies.documents == ["d"] * 4
    for copy, (start, end) in zip(copies.texts, copies.positions, strict=True):
        name = copy[start:end].removesuffix("’s")
        assert name in {"Peru", "North Korea", "Korea", "Iran"}
        assert copy == f"{name} said {name}’s army and Chadians stay; the Chad Post says {name} wins."


def test_a_common_noun_is_replaced_where_it_is_the_target_alone() -> None:
    copies, _ = under_other_names(mention("A plan is a plan, but [the new plan] is bad."), NAMES, 1, 0)
    assert copies.texts == ["A plan is a plan, but the new accord is bad."]
    assert copies.texts[0][slice(*copies.positions[0])] == "the new accord"


def test_a_name_that_the_text_has_or_that_its_article_does_not_suit_is_not_drawn() -> None:
    copies, _ = under_other_names(mention("[Peru] met Iran and Chad."), NAMES, 9, 0)
    assert {text.split(" met")[0] for text in copies.texts} == {"North Korea", "Korea"}
    assert len(under_other_names(mention("It was a [plan]."), NAMES, 9, 0)[0]) == 0  # a accord


def test_copies_do_not_depend_on_the_order_of_mentions() -> None:
    one, two = mention("[Peru] won."), mention("They left [Chad].")
    forth, _ = under_other_names(joined(one, two), NAMES, 2, 0)
    back, owner = under_other_names(joined(two, one), NAMES, 2, 0)
    assert forth.texts == back.texts[2:] + back.texts[:2] and owner.tolist() == [0, 0, 1, 1]


def test_mentions_of_no_kind_have_no_copies() -> None:
    copies, owner = under_other_names(mention("[Ann] slept."), NAMES, 2, 0)
    assert len(copies) == len(owner) == 0


def test_each_bare_name_comes_once_and_is_neutral() -> None:
    texts = [
        "[Peru] won.",
        "[Peru’s] loss.",
        "[The plan] failed.",
        "It is [the plan].",
        "[the talks on many things] end",
        "[Police] Under Fire",
        "[police] came",
        "[Trade Deals] Fail",
        "[Trade Deals] Win",
        "of [trade deals]",
    ]
    bare = bare_names(joined(*map(mention, texts)))
    named = ["Peru", "Trade Deals", "police", "the plan"]  # the most frequent form; of two, that in lower case
    assert bare.texts == [f"This article is about {name}." for name in named]
    assert bare.y.tolist() == [0.0] * 4
    assert [text[slice(*at)] for text, at in zip(bare.texts, bare.positions, strict=True)] == named


def test_a_mention_and_its_copies_weigh_as_much_as_a_bare_name() -> None:
    lesson = lesson_of(mention("[Peru] won."), NAMES, 2, 0)
    assert lesson.n_copies == 2 and lesson.judges.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert lesson.weights[:3].tolist() == pytest.approx([1 / 3] * 3) and lesson.weights[3] == 1.0
    assert lesson.mentions.y.tolist() == [1.0, 1.0, 1.0, 0.0]
    assert lesson.mentions.documents[:3] == ["d"] * 3


def test_the_kind_of_text_tells_nothing_of_the_stance() -> None:
    # Of sentences one in four is in favor, of written texts three in four.
    kinds = ["sentences"] * 4 + ["press"] * 4
    y = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0])
    weights = balanced_within(kinds, y, np.array([1.0] * 4 + [2.0] * 4))
    assert weights[:4] == pytest.approx([2.0, 2 / 3, 2 / 3, 2 / 3])
    assert weights[4:] == pytest.approx([4 / 3, 4 / 3, 4 / 3, 4.0])
    half = balanced_within(["a"] * 2, np.array([0.5, -1.0]), np.ones(2))  # coders who differ count for both stances
    assert half.sum() == pytest.approx(2.0) and half[0] == pytest.approx(2 * half[1])


def test_the_share_of_the_name_is_all_or_nothing() -> None:
    owner, rows = np.repeat(np.arange(50), 4), np.arange(200)
    only_names = np.random.default_rng(0).normal(size=200)
    assert share_of_name(only_names, owner)(rows) == pytest.approx(1.0, abs=0.2)
    assert share_of_name(np.repeat(np.arange(50.0), 4), owner)(rows) == 0.0


def test_only_mentions_with_enough_other_names_are_drawn() -> None:
    none, few, one = mention("[Ann] slept."), mention("They liked [the plan]."), mention("[Peru] won.")
    copies, owner = drawn_names(joined(none, one, few, one), NAMES, 5, 3, 0)
    assert len(copies) == len(owner) == 6 and len(set(owner)) == 2
    assert all("won" in text for text in copies.texts)
    assert len(drawn_names(none, NAMES, 5, 3, 0)[0]) == 0


def test_the_shipped_names_are_many_and_none_is_of_two_kinds_by_mistake() -> None:
    assert len(SHIPPED.kinds["countries"]) > 100
    kinds: dict[str, list[str]] = {}
    for kind, names in SHIPPED.kinds.items():
        for name in names:
            kinds.setdefault(name, []).append(kind)
    assert not {name for name, found in kinds.items() if len(found) > 1}


def test_a_kind_of_one_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.yaml"
    path.write_text("countries: Chad\n")
    with pytest.raises(ConfigError, match=r"names\.yaml, countries: 'Chad' is not two names or more"):
        Names.load(path)


def test_who_is_named_hardly_moves_what_ships() -> None:
    mentions = read_press_mentions(ROOT / "configs/labels/world_press")
    renamed, owner = drawn_names(mentions, SHIPPED, 40, 4, 0)
    marked = mark_mentions(renamed.texts, renamed.positions)
    encoder = Encoder()
    found = encoder.encode(renamed.texts, spans=marked.spans)
    rows = np.arange(len(renamed))
    framing = FramingAxis.from_anchors("celebratory", encoder, n_bootstrap=1).predict(found)
    stance = StanceScorer.from_anchors("stance", encoder, n_bootstrap=1).predict(mention_features(found, marked))
    assert share_of_name(np.asarray(framing), owner)(rows) < 0.02
    assert share_of_name(stance, owner)(rows) < 0.1
