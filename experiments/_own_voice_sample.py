"""Which paragraphs people were asked to label twice, for what all voices and for what the author's own words convey.

`voice: own` leaves out what others say; whether it then gives the author's stance needs labels of just that. None of
the articles taught any stance, so that the shipped scorer can be judged by them as it is.
"""

from __future__ import annotations

from pathlib import Path

from experiments._foreign_sample import MarkedParagraph
from experiments._named_sample import draw_named
from experiments._news_labels import read_table
from experiments._news_sample import read_articles
from experiments._stance_corpora import read_newsmtsc
from experiments._things_sample import draw_thing_paragraphs, things_pattern

__all__ = ["draw_own_voice"]

_BEFORE = (
    "news_framing/sample.csv",
    "news_framing/supplement.csv",
    "foreign_news/sample.csv",
    "news_paragraphs/sample.csv",
    "news_thing_paragraphs/sample.csv",
    "news_dangers/sample.csv",
    "news_stance/sample.csv",
    "news_things/sample.csv",
    "news_headlines/sample.csv",
)


def draw_own_voice(
    data: Path, labels: Path, sizes: tuple[int, ...] = (600, 200), seed: int = 11
) -> list[list[MarkedParagraph]]:
    """Draw paragraphs of articles that no label is of, half with two names, half with a thing and another or a name.

    Parameters
    ----------
    data : Path
        The folder of the corpora.
    labels : Path
        The folder of all labels, with the samples that were drawn before.
    sizes : tuple of int
        Of parts with no article in common: what rules were chosen on, and what was drawn after.
    seed : int
    """
    articles = read_articles(data)
    texts = [" ".join(text.split()) for text in read_newsmtsc(data).texts]
    tables = [read_table(labels / file) for file in _BEFORE]
    used = {name.partition(":")[0] for table in tables for name in table[table.columns[0]]}
    pattern = things_pattern(labels / "things.yaml")
    parts = []
    for n in sizes:
        named = draw_named(articles, used, texts, n=n // 2, seed=seed)
        used |= {each.paragraph.article for each in named}
        things = draw_thing_paragraphs(articles, pattern, used, texts, n=n - n // 2, seed=seed)
        used |= {each.paragraph.article for each in things}
        parts.append(named + things)
    return parts
