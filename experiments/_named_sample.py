"""Which paragraphs of any news people were asked to label, and for which of those that they name: drawn by a seed.

Sentences teach the scorer what a phrase does to its target, and paragraphs on foreign affairs what whole paragraphs do
to countries; these are paragraphs on anything, and their targets people, parties, countries and bodies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

import numpy as np

from experiments._foreign_sample import MarkedParagraph, targets_apart
from experiments._news_sample import BLAME, NAME, PARAGRAPH_WORDS, POSSESSIVE, PRAISE, known_names, paragraphs_of

__all__ = ["draw_named"]

_CUES = (PRAISE, BLAME)


def draw_named(
    articles: list[dict[str, str]], used: Iterable[str], texts: Collection[str] = (), n: int = 720, seed: int = 0
) -> list[MarkedParagraph]:
    """Draw paragraphs with two names that readers know, three quarters of them with a word of praise or blame.

    One paragraph an article, none of an article in `used`, none that has one of `texts` in it, 25 to 160 words. The
    targets are two of the names, drawn alike, neither part of the other wherever it stands.
    """
    few, many = PARAGRAPH_WORDS
    generator = np.random.default_rng([seed, 6])
    known, taken = known_names(articles), set(used)
    drawn: list[MarkedParagraph] = []
    wanted = {True: n * 3 // 4, False: n - n * 3 // 4}
    for place in generator.permutation(len(articles)):
        row = articles[place]
        if row["id"] in taken:
            continue
        pool = []
        for each in paragraphs_of([row]):
            if not few <= len(each.text.split()) <= many:
                continue
            names = sorted({POSSESSIVE.sub("", found) for found in NAME.findall(each.text)} & known)
            pairs = [pair for pair in combinations(names, 2) if targets_apart(*pair, each.text)]
            if pairs:
                pool.append((each, pairs, any(cue.search(each.text) for cue in _CUES)))
        pool = [found for found in pool if wanted[found[2]]]
        if not pool:
            continue
        paragraph, pairs, marked = pool[generator.integers(len(pool))]
        if any(text in paragraph.text for text in texts):
            continue
        wanted[marked] -= 1
        drawn.append(MarkedParagraph(paragraph, pairs[generator.integers(len(pairs))]))
        if not any(wanted.values()):
            break
    return drawn
