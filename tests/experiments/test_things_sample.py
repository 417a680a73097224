"""The draws of what has no name: what is found, what is not drawn, and that a drawn mention is found again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from experiments._foreign_sample import mentions_of
from experiments._news_sample import named_mentions
from experiments._things_sample import draw_headlines, draw_thing_paragraphs, draw_things, things_pattern
from research.errors import ConfigError, InputError

ROOT = Path(__file__).resolve().parents[2]
PATTERN = things_pattern(ROOT / "configs/labels/things.yaml")


@pytest.fixture(scope="module")
def articles() -> list[dict[str, str]]:
    text = (
        "After {0} days Congress praised the trade deal with France, and the police were blamed by Germany.\n"
        "For {0} weeks the reckless voters of Germany attacked a policy, while ministers in France feared that all of "
        "the sanctions would in the end be of no use to anybody at all.\nToo short."
    )
    title = "Congress Calls Trade Deal {0} a Great Success"
    return [
        {"id": f"a{at}", "outlet": "o", "topic": "t", "title": title.format(at), "text": text.format(at)}
        for at in range(14)
    ]


def test_things_are_found_with_their_plurals_and_the_longest_phrase() -> None:
    text = "Trade deals, policies and a policy; policed, deal-makers, the Police and voters’ fears of a coup."
    found = [text[slice(*match.span())] for match in PATTERN.finditer(text)]
    assert found == ["Trade deals", "policies", "policy", "Police", "voters"]


def test_the_pattern_of_one_kind_has_no_other_things() -> None:
    relations = things_pattern(ROOT / "configs/labels/things.yaml", ["relations"])
    assert relations.search("old treaties") and not relations.search("police")
    with pytest.raises(ConfigError, match=r"things\.yaml: no kind 'relation'; there are relations, policies"):
        things_pattern(ROOT / "configs/labels/things.yaml", ["relation"])


def test_mentions_of_things_are_drawn_within_bounds_and_found_again(articles) -> None:
    drawn = draw_things(articles, PATTERN, (), n=12)
    assert len(drawn) == 12 and draw_things(articles, PATTERN, (), n=6) == drawn[:6]
    assert named_mentions(articles, [mention.mention_id for mention in drawn]) == drawn
    capped = draw_things(articles, PATTERN, (), n=60, most=2)
    targets = Counter(mention.text[mention.start : mention.end] for mention in capped)
    assert set(targets) <= {"trade deal", "police", "voters", "policy", "sanctions", "Congress", "France", "Germany"}
    assert [targets[name] for name in ("trade deal", "police", "voters", "policy", "sanctions")] == [2] * 5
    others = draw_things(articles, PATTERN, {mention.text for mention in drawn}, n=60)
    assert others and not {mention.text for mention in drawn} & {mention.text for mention in others}


def test_headlines_have_one_or_two_targets_and_are_found_again(articles) -> None:
    drawn = draw_headlines(articles, PATTERN, {articles[0]["title"]}, n=40)
    assert {mention.text[mention.start : mention.end] for mention in drawn} == {"Congress", "Trade Deal"}
    assert {mention.article for mention in drawn} == {f"a{at}" for at in range(1, 14)}
    assert max(Counter(mention.article for mention in drawn).values()) == 2
    assert named_mentions(articles, [mention.mention_id for mention in drawn]) == drawn
    assert len(draw_headlines(articles, PATTERN, (), n=40, most=3)) == 6


def test_mentions_that_are_not_there_are_none(articles) -> None:
    assert named_mentions(articles, ["b0:0:0:1-2", "a0:9:0:1-2", "a0:0:7:1-2", "a0:title:0:4-99"]) == [None] * 4
    with pytest.raises(InputError, match=r"mention 'a0:title': the form is <article>"):
        named_mentions(articles, ["a0:title"])


def test_paragraphs_between_countries_have_a_thing_and_a_country(articles) -> None:
    drawn = draw_thing_paragraphs(articles, PATTERN, {"a0"}, ["For 1 weeks"], n=8, between_countries=True)
    assert len(drawn) == 6  # no paragraph is without a word of blame, and those are three quarters of n
    assert {each.paragraph.article for each in drawn}.isdisjoint({"a0", "a1"})
    for each in drawn:
        thing, country = each.targets
        assert thing in {"voters", "policy", "sanctions"} and country in {"France", "Germany"}
        assert all(mentions_of(target, each.paragraph.text) for target in each.targets)
    anything = draw_thing_paragraphs(articles, PATTERN, (), (), n=40, most=2)
    assert max(Counter(each.targets[0] for each in anything).values()) == 2
