"""Which paragraphs about dangers people were asked to label: drawn by a seed, before any score.

Most news is about no danger, so that among any thousand paragraphs forty reassure: too few to teach what sets
reassurance apart from alarm. These speak of a danger, and half of them of safety or relief as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import numpy as np

from experiments._news_sample import PARAGRAPH_WORDS, Paragraph, paragraphs_of

__all__ = ["draw_dangers"]

_DANGER = re.compile(
    r"\b(?:attacks?|catastroph\w+|collaps\w+|crash\w*|cris[ie]s|danger\w*|deadly|deficits?|disasters?|disease|drought|emergenc\w+|"
    r"epidemic|explosi\w+|fears?|fires?|flood\w*|hurricane|infect\w+|outbreak|pandemic|panic|radiation|recession|risks?|risky|"
    r"shortages?|storm|terror\w*|threat\w*|toxic|unsafe|virus|vulnerab\w+|warn\w*|worr\w+|wildfires?)\b",
    re.IGNORECASE,
)
_SAFETY = re.compile(
    r"\b(?:calm\w*|confident|contain(?:ed|ment)|control(?:led)?|declin\w+|eased?|easing|effective|improv\w+|"
    r"no (?:cause|evidence|need|reason|sign)|prepared(?:ness)?|prevent\w*|protect\w*|ready|reassur\w+|recover\w*|relax|"
    r"reli(?:ef|eved)|resilien\w+|safe|safely|safety|secure[ds]?|stabl[ey]|stabili[sz]\w+|strong|temporary|"
    r"under control|unlikely|well)\b",
    re.IGNORECASE,
)


def draw_dangers(
    articles: list[dict[str, str]], used: Iterable[str], texts: Collection[str], n: int = 1200, seed: int = 0
) -> list[Paragraph]:
    """Draw paragraphs with a word of danger, half of them with one of safety or relief as well.

    One paragraph an article, none of an article in `used`, none of `texts` and no text twice, 25 to 160 words.
    """
    few, many = PARAGRAPH_WORDS
    generator = np.random.default_rng([seed, 10])
    taken, seen = set(used), set(texts)
    drawn: list[Paragraph] = []
    wanted = {True: n // 2, False: n - n // 2}
    for place in generator.permutation(len(articles)):
        row = articles[place]
        if row["id"] in taken:
            continue
        pool = [
            (each, safe)
            for each in paragraphs_of([row])
            if few <= len(each.text.split()) <= many
            and each.text not in seen
            and _DANGER.search(each.text)
            and wanted[safe := _SAFETY.search(each.text) is not None]
        ]
        if not pool:
            continue
        each, safe = pool[generator.integers(len(pool))]
        wanted[safe] -= 1
        seen.add(each.text)
        stratum = "safety" if safe else "danger"
        drawn.append(Paragraph(each.paragraph_id, each.article, each.outlet, each.topic, each.text, stratum))
        if not any(wanted.values()):
            break
    return drawn
