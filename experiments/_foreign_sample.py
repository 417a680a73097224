"""Which paragraphs on foreign affairs people were asked to label, and for which countries: drawn by a seed.

They teach what domestic news hardly has: official praise, mild praise, and countries as the targets of stance over a
whole paragraph. None of their articles is in the sample by which framing is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from experiments._news_sample import PARAGRAPH_WORDS, PRAISE, Paragraph, paragraphs_of

__all__ = ["MarkedParagraph", "countries_in", "draw_foreign", "mentions_of", "targets_apart"]

_LEAST_COUNTRIES = 2
_DIPLOMACY = re.compile(
    r"\b(?:accords?|alliances?|allies|ambassadors?|bilateral|cooperation|delegations?|diplomac\w+|diplomatic|diplomats?|"
    r"foreign (?:minister|ministry|policy|secretary)|partnerships?|relations|state visit|summits?|talks|ties|"
    r"trade deals?|treat(?:y|ies))\b",
    re.IGNORECASE,
)
# Names, people and capitals as English-language news writes them.
_COUNTRIES = {
    "Afghanistan": "Afghanistan|Afghans?|Kabul",
    "Australia": "Australian?s?|Canberra",
    "Brazil": "Brazil|Brazilians?",
    "Canada": "Canada|Canadians?|Ottawa",
    "China": "China|Chinese|Beijing",
    "Cuba": "Cuban?s?|Havana",
    "Egypt": "Egypt|Egyptians?|Cairo",
    "European Union": "European Union|E\\.?U\\.?|Brussels",
    "France": "France|French|Paris",
    "Germany": "Germany|Germans?|Berlin",
    "Greece": "Greece|Greeks?|Athens",
    "India": "India|Indians?|New Delhi",
    "Iran": "Iran|Iranians?|Tehran",
    "Iraq": "Iraq|Iraqis?|Baghdad",
    "Israel": "Israel|Israelis?|Jerusalem",
    "Italy": "Italy|Italians?|Rome",
    "Japan": "Japan|Japanese|Tokyo",
    "Mexico": "Mexico|Mexicans?",
    "NATO": "NATO",
    "North Korea": "North Koreans?|North Korea|Pyongyang",
    "Pakistan": "Pakistan|Pakistanis?|Islamabad",
    "Poland": "Poland|Poles|Polish|Warsaw",
    "Russia": "Russia|Russians?|Moscow|Kremlin",
    "Saudi Arabia": "Saudi Arabia|Saudis?|Riyadh",
    "South Africa": "South Africa|South Africans?|Pretoria",
    "South Korea": "South Korea|South Koreans?|Seoul",
    "Syria": "Syrian?s?|Damascus",
    "Turkey": "Turkey|Turkish|Turks|Ankara",
    "Ukraine": "Ukraine|Ukrainians?|Kyiv|Kiev",
    "United Kingdom": "United Kingdom|U\\.?K\\.?|Britain|British|London",
    "United Nations": "United Nations|U\\.?N\\.?",
    "United States": "United States|U\\.?S\\.?|Americans?|America|Washington",
    "Venezuela": "Venezuelan?s?|Caracas",
    "Vietnam": "Vietnam|Vietnamese|Hanoi",
}
_NAMED = {name: re.compile(rf"\b(?:{aliases})(?!\w)") for name, aliases in _COUNTRIES.items()}


@dataclass(frozen=True)
class MarkedParagraph:
    """A paragraph and the targets toward which its stance is judged, one or two."""

    paragraph: Paragraph
    targets: tuple[str, ...]


def mentions_of(target: str, text: str) -> list[tuple[int, int]]:
    """Give the characters of every mention of a target in a text: a country's by its aliases, others by their name."""
    pattern = _NAMED.get(target) or re.compile(rf"\b{re.escape(target)}(?!\w)")
    return [found.span() for found in pattern.finditer(text)]


def targets_apart(first: str, second: str, text: str) -> bool:
    """Say whether a text mentions both targets, and nowhere one inside the other."""
    one, other = mentions_of(first, text), mentions_of(second, text)
    return bool(one and other) and not any(a < end and start < b for a, b in one for start, end in other)


def countries_in(text: str) -> list[str]:
    """Give the countries and unions that a text names, in the order of the list."""
    return [name for name in _COUNTRIES if mentions_of(name, text)]


def draw_foreign(
    articles: list[dict[str, str]], used: Iterable[str], n: int = 600, seed: int = 0
) -> list[MarkedParagraph]:
    """Draw paragraphs that name two countries and speak of diplomacy, half of them with a praising word.

    One paragraph an article, none of an article in `used`, no text twice, 25 to 160 words. The targets are two of the
    countries named, drawn alike, so that the most frequent one does not become the target of all.
    """
    few, many = PARAGRAPH_WORDS
    taken_articles, texts = set(used), set()
    generator = np.random.default_rng([seed, 5])
    pool = []
    for each in paragraphs_of(articles):
        if each.article in taken_articles or not few <= len(each.text.split()) <= many or each.text in texts:
            continue
        named = countries_in(each.text)
        if len(named) >= _LEAST_COUNTRIES and _DIPLOMACY.search(each.text):
            texts.add(each.text)
            pool.append((each, named, PRAISE.search(each.text) is not None))
    order = generator.permutation(len(pool))
    drawn: list[MarkedParagraph] = []
    for wanted, praising in ((n // 2, True), (n - n // 2, False)):
        found = 0
        for place in order:
            each, named, praises = pool[place]
            if found == wanted:
                break
            if each.article in taken_articles or praises != praising:
                continue
            found += 1
            taken_articles.add(each.article)
            stratum = "praise" if praising else "any"
            chosen = sorted(generator.permutation(len(named))[:2].tolist())
            kept = Paragraph(each.paragraph_id, each.article, each.outlet, each.topic, each.text, stratum)
            drawn.append(MarkedParagraph(kept, tuple(named[k] for k in chosen)))
    return [drawn[place] for place in generator.permutation(len(drawn))]
