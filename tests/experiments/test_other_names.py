"""Labelled mentions under other names: what is replaced, what is kept, and what each weighs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments._other_names import Names, bare_names, drawn_names, lesson_of, share_of_name, under_other_names
from experiments._stance_corpora import LabelledMentions, joined, read_press_mentions
from research import Encoder, FramingAxis, StanceScorer
from research.errors import ConfigError
from research.stance import mark_mentions, mention_features

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = Names.load(ROOT / "configs/labels/names.yaml")
NAMES = Names({"countries": ("Chad", "Peru", "North Korea", "Korea", "Iran"), "projects": ("plan", "accord")})


def mention(text: str, y: float = 1.0) -> LabelledMentions:
    """Give the mention that a text marks with brackets."""
    start, end = text.index("["), text.index("]") - 1
    plain = text.replace("[", "").replace("]", "")
    return LabelledMentions([plain], [(start, end)], ["d"], np.array([y]), ["labels"], None, [])


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ("Chad", ("Chad", "countries")),
        ("Chad's", ("Chad", "countries")),
        ("neighbouring Peru’s", ("Peru", "countries")),
        ("North Korea", ("North Korea", "countries")),  # the longest
        ("the plan", ("plan", "projects")),
        ("Peruvian", None),
        ("the airplan", None),
    ],
)
def test_a_mention_has_the_name_that_it_ends_with(found: str, name: tuple[str, str] | None) -> None:
    assert NAMES.find(found) == name


def test_a_copy_has_the_other_name_wherever_the_text_has_it() -> None:
    copies, owner = under_other_names(mention("Chad said [Chad’s] army and Chadians stay; Chad wins."), NAMES, 9, 0)
    assert owner.tolist() == [0, 0, 0] and set(copies.y) == {1.0} and copies.documents == ["d"] * 3
    for text, (start, end) in zip(copies.texts, copies.positions, strict=True):
        name = text[start:end].removesuffix("’s")
        assert name in {"Peru", "North Korea", "Korea"}  # Iran begins with a vowel
        assert text == f"{name} said {name}’s army and Chadians stay; {name} wins."


def test_only_the_name_is_replaced_in_a_longer_mention() -> None:
    copies, _ = under_other_names(mention("They signed [the new accord] at last."), NAMES, 2, 0)
    assert copies.texts == []  # the only other project begins with a consonant, and "an accord" would be wrong
    copies, _ = under_other_names(mention("They signed [the new North Korea] treaty."), NAMES, 1, 0)
    (text,), ((start, end),) = copies.texts, copies.positions
    assert text[start:end].startswith("the new ") and text.endswith(" treaty.") and "North" not in text


def test_mentions_of_no_kind_have_no_copies() -> None:
    copies, owner = under_other_names(mention("[Ann] slept."), NAMES, 2, 0)
    assert len(copies) == len(owner) == 0


def test_each_bare_name_comes_once_and_is_neutral() -> None:
    two = LabelledMentions(
        ["Peru won.", "Peru lost."], [(0, 4)] * 2, ["a", "b"], np.array([1.0, -1.0]), ["x"] * 2, None, []
    )
    bare = bare_names(two)
    assert bare.texts == ["This article is about Peru."] and bare.y.tolist() == [0.0]
    assert bare.texts[0][slice(*bare.positions[0])] == "Peru"


def test_a_mention_and_its_copies_weigh_one() -> None:
    lesson = lesson_of(mention("[Peru] won."), NAMES, 2, 0)
    assert lesson.as_written.tolist() == [True, False, False, False]
    assert lesson.weights.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1.0])
    assert lesson.mentions.y.tolist() == [1.0, 1.0, 1.0, 0.0]
    assert lesson.mentions.documents[:3] == ["d"] * 3


def test_the_share_of_the_name_is_all_or_nothing() -> None:
    owner, rows = np.repeat([0, 1], 4), np.arange(8)
    assert share_of_name(np.tile([0.0, 1.0], 4), owner)(rows) == pytest.approx(1.0)
    assert share_of_name(np.repeat([0.0, 1.0], 4), owner)(rows) == 0.0


def test_only_mentions_with_a_name_are_drawn_and_each_is_its_own_text() -> None:
    none, one = mention("[Ann] slept."), mention("[Peru] won.")
    copies, owner = drawn_names(joined(none, one, none, one), NAMES, 5, 2, 0)
    assert len(copies) == 4 and owner.tolist() == [0, 0, 1, 1]
    assert all("won" in text for text in copies.texts)


def test_the_shipped_names_are_many_and_none_is_of_two_kinds_by_mistake() -> None:
    assert len(SHIPPED.kinds["countries"]) > 100
    kinds: dict[str, list[str]] = {}
    for kind, names in SHIPPED.kinds.items():
        for name in names:
            kinds.setdefault(name, []).append(kind)
    # A country and a state; a party's member and its adjective; an alliance of states and of bodies.
    both = {name for name, found in kinds.items() if len(found) > 1}
    assert both == {"Georgia", "Republican", "Conservative", "Socialist", "Liberal", "alliance"}


def test_a_kind_of_one_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.yaml"
    path.write_text("countries: Chad\n")
    with pytest.raises(ConfigError, match=r"names\.yaml, countries: 'Chad' is not two names or more"):
        Names.load(path)


def test_who_is_named_hardly_moves_what_ships() -> None:
    mentions = read_press_mentions(ROOT / "configs/labels/world_press")
    renamed, owner = drawn_names(mentions, SHIPPED, 25, 4, 0)
    marked = mark_mentions(renamed.texts, renamed.positions)
    encoder = Encoder()
    found = encoder.encode(renamed.texts, spans=marked.spans)
    rows = np.arange(len(renamed))
    framing = FramingAxis.from_anchors("celebratory", encoder, n_bootstrap=1).predict(found)
    stance = StanceScorer.from_anchors("stance", encoder, n_bootstrap=1).predict(mention_features(found, marked))
    assert share_of_name(np.asarray(framing), owner)(rows) < 0.02
    assert share_of_name(stance, owner)(rows) < 0.1
