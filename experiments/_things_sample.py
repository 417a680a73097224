"""Which mentions of things without a name people were asked to label: drawn by a seed, before any score.

Names teach stance toward people, parties, countries and bodies. Those who study politics ask about policies, deals,
groups and technologies as often, and those are common nouns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from experiments._foreign_sample import MarkedParagraph, countries_in, targets_apart
from experiments._news_labels import read_table
from experiments._news_sample import (
    BLAME,
    NAME,
    PARAGRAPH_WORDS,
    POSSESSIVE,
    PRAISE,
    SENTENCE_WORDS,
    Mention,
    draw_mentions,
    known_names,
    paragraphs_of,
    read_articles,
)
from experiments._other_names import Names
from experiments._stance_corpora import read_newsmtsc
from research.corpus import split_sentences
from research.errors import ConfigError

__all__ = ["draw_as_labelled", "draw_headlines", "draw_thing_paragraphs", "draw_things", "things_pattern"]

_CUES = (PRAISE, BLAME)
_SENTENCES_AN_ARTICLE = 2
_HEADLINE_WORDS = 5  # or more


def things_pattern(path: Path, kinds: Collection[str] = ()) -> re.Pattern[str]:
    """Read the phrases of some kinds or of all, and give what finds them and their plurals, the longest first.

    Raises
    ------
    ConfigError
        If the file cannot be read, or has no such kind.
    """
    phrases = Names.load(path).kinds
    for kind in kinds:
        if kind not in phrases:
            raise ConfigError(f"{path}: no kind {kind!r}; there are {', '.join(phrases)}")
    words = sorted(
        {phrase for kind, found in phrases.items() if not kinds or kind in kinds for phrase in found},
        key=lambda phrase: (-len(phrase), phrase),
    )
    found = "|".join(
        rf"{re.escape(word[:-1])}(?:y|ies)" if re.search(r"[^aeiou]y$", word) else rf"{re.escape(word)}(?:s|es)?"
        for word in words
    )
    return re.compile(rf"(?<![\w’'-])(?:{found})(?![\w-])", re.IGNORECASE)


def _things(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Give the things a text mentions; a capitalised one only at its beginning, since others are part of a name."""
    found = [match.span() for match in pattern.finditer(text)]
    return [(start, end) for start, end in found if start == 0 or text[start].islower()]


def _singular(thing: str) -> str:
    """Give what counts a thing and its plural together (not *measure* and its like, nor possessives)."""
    return re.sub(r"(?:ies|y|es|s)$", "", thing.lower())


def draw_things(
    articles: list[dict[str, str]],
    pattern: re.Pattern[str],
    excluded: Collection[str],
    n: int = 6400,
    most: int = 24,
    seed: int = 0,
) -> list[Mention]:
    """Draw mentions of things in sentences; half of them two to a sentence, the other a thing or a known name.

    Of the things in a sentence the one that was drawn least is taken, none that was drawn `most` times (a name may come
    oftener). Three quarters of the sentences or more have a word of praise or blame. Two sentences an article at most.
    A longer draw begins with a shorter one. `excluded` are sentences that must not be drawn.
    """
    few, many = SENTENCE_WORDS
    generator = np.random.default_rng([seed, 7])
    known = known_names(articles)
    drawn: list[Mention] = []
    times: Counter[str] = Counter()
    seen = set(excluded)
    for row_number in generator.permutation(len(articles)):
        if len(drawn) >= n:
            break
        row = articles[row_number]
        candidates = [
            (each.paragraph_id, each.text[low:high], low)
            for each in paragraphs_of([row])
            if len(each.text.split()) >= few
            for low, high in split_sentences(each.text, "en")
            if few <= len(each.text[low:high].split()) <= many
        ]
        kept = 0
        for place in generator.permutation(len(candidates)):
            paragraph_id, sentence, low = candidates[place]
            marked = any(cue.search(sentence) for cue in _CUES)
            if kept == _SENTENCES_AN_ARTICLE or sentence in seen or (not marked and generator.random() > 0.08):
                continue
            spans = _open_spans(sentence, _things(pattern, sentence), times, most, generator)
            if not spans:
                continue
            chosen = [_least_drawn(sentence, spans, times)]
            if generator.random() < 1 / 3:  # a third of the sentences twice: half of the mentions
                names = [found.span() for found in NAME.finditer(sentence) if found.group() in known]
                others = [span for span in spans if not _same(sentence, span, chosen[0])]
                pool = names if names and (not others or generator.random() < 1 / 2) else others
                pool = [span for span in pool if span[1] <= chosen[0][0] or span[0] >= chosen[0][1]]
                if pool:
                    chosen.append(pool[generator.integers(len(pool))])
            kept += 1
            seen.add(sentence)
            for start, end in chosen:
                times[_singular(sentence[start:end])] += 1
                name = f"{paragraph_id}:{low}:{low + start}-{low + end}"
                drawn.append(Mention(name, row["id"], row["topic"], sentence, start, end))
    return drawn[:n]


def _open_spans(
    text: str, spans: list[tuple[int, int]], times: Counter[str], most: int, generator: np.random.Generator
) -> list[tuple[int, int]]:
    """Give, in a random order, the spans whose words were not drawn `most` times."""
    shuffled = [spans[at] for at in generator.permutation(len(spans))]
    return [span for span in shuffled if times[_singular(text[slice(*span)])] < most]


def _least_drawn(text: str, spans: list[tuple[int, int]], times: Counter[str]) -> tuple[int, int]:
    return min(spans, key=lambda span: times[_singular(text[slice(*span)])])


def _same(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    return _singular(text[slice(*one)]) == _singular(text[slice(*other)])


def draw_thing_paragraphs(
    articles: list[dict[str, str]],
    pattern: re.Pattern[str],
    used: Iterable[str],
    texts: Collection[str],
    n: int = 600,
    most: int = 8,
    between_countries: bool = False,
    seed: int = 0,
) -> list[MarkedParagraph]:
    """Draw paragraphs that mention a thing and another or a known name, three quarters with a word of praise or blame.

    One paragraph an article, none of an article in `used`, none that has one of `texts` in it, 25 to 160 words. The
    targets are the thing that was drawn least, none oftener than `most`, and one of the others. `between_countries`
    wants two countries in the paragraph, and takes one of them for the other target.
    """
    few, many = PARAGRAPH_WORDS
    generator = np.random.default_rng([seed, 8])
    known, taken = known_names(articles), set(used)
    drawn: list[MarkedParagraph] = []
    times: Counter[str] = Counter()
    wanted = {True: n * 3 // 4, False: n - n * 3 // 4}
    for place in generator.permutation(len(articles)):
        row = articles[place]
        if row["id"] in taken:
            continue
        pool = [
            (each, marked)
            for each in paragraphs_of([row])
            if few <= len(each.text.split()) <= many
            and wanted[marked := any(cue.search(each.text) for cue in _CUES)]
            and not (between_countries and (len(countries_in(each.text)) < 2 or not _things(pattern, each.text)))
        ]
        if not pool:
            continue
        paragraph, marked = pool[generator.integers(len(pool))]
        text = paragraph.text
        things = sorted({text[slice(*span)] for span in _things(pattern, text)})
        things = [thing for thing in things if times[_singular(thing)] < most]
        if not things or any(each in text for each in texts):
            continue
        thing = min((things[at] for at in generator.permutation(len(things))), key=lambda each: times[_singular(each)])
        if between_countries:
            group = countries_in(text)
        else:
            names = sorted({POSSESSIVE.sub("", found) for found in NAME.findall(text)} & known)
            others = [other for other in things if _singular(other) != _singular(thing)]
            group = names if names and (not others or generator.random() < 1 / 2) else others
        group = [other for other in group if targets_apart(thing, other, text)]
        if not group:
            continue
        wanted[marked] -= 1
        other = group[generator.integers(len(group))]
        times.update((_singular(thing), _singular(other)))
        drawn.append(MarkedParagraph(paragraph, (thing, other)))
        if not any(wanted.values()):
            break
    return drawn


def draw_headlines(
    articles: list[dict[str, str]],
    pattern: re.Pattern[str],
    excluded: Collection[str],
    n: int = 1600,
    most: int = 32,
    seed: int = 0,
) -> list[Mention]:
    """Draw mentions of known names and of things in headlines, one an article, half of them two to a headline.

    Of what a headline mentions the one that was drawn least is taken, none oftener than `most`. `excluded` are texts
    that must not be drawn.
    """
    generator = np.random.default_rng([seed, 9])
    known = known_names(articles)
    drawn: list[Mention] = []
    times: Counter[str] = Counter()
    seen = set(excluded)
    for place in generator.permutation(len(articles)):
        if len(drawn) >= n:
            break
        row = articles[place]
        title = " ".join(row["title"].split())
        if title in seen or len(title.split()) < _HEADLINE_WORDS:
            continue
        names = _names_in(title, known)
        things = [found.span() for found in pattern.finditer(title)]
        spans = names + [(a, b) for a, b in things if all(b <= start or a >= end for start, end in names)]
        spans = _open_spans(title, spans, times, most, generator)
        if not spans:
            continue
        chosen = [_least_drawn(title, spans, times)]
        others = [span for span in spans if not _same(title, span, chosen[0])]
        if others and generator.random() < 1 / 3:
            chosen.append(others[0])
        seen.add(title)
        for start, end in chosen:
            times[_singular(title[start:end])] += 1
            drawn.append(Mention(f"{row['id']}:title:0:{start}-{end}", row["id"], row["topic"], title, start, end))
    return drawn[:n]


def _names_in(title: str, known: Collection[str]) -> list[tuple[int, int]]:
    """Give the known names of a headline, none inside another; in title case any word may begin one."""
    words = [found.span() for found in re.finditer(r"[\w.&-]+", title)]
    found: list[tuple[int, int]] = []
    for length in (4, 3, 2, 1):
        for first in range(len(words) - length + 1):
            start, end = words[first][0], words[first + length - 1][1]
            if title[start:end] in known and all(end <= a or start >= b for a, b in found):
                found.append((start, end))
    return sorted(found)


def draw_as_labelled(data: Path, labels: Path) -> dict[str, list[str]]:
    """Draw the samples of `news_things`, `news_headlines` and `news_thing_paragraphs` again, as they were drawn.

    Parameters
    ----------
    data : Path
        The folder of the corpora.
    labels : Path
        The folder of all labels, with the samples that were drawn before.

    Returns
    -------
    dict of str to list of str
        The identifiers in each sample, in its order.
    """
    articles = read_articles(data)
    others = [" ".join(text.split()) for text in read_newsmtsc(data).texts]
    pattern = things_pattern(labels / "things.yaml")
    named = draw_mentions(articles, frozenset(others), n=6400)
    things = draw_things(articles, pattern, {*others, *(mention.text for mention in named)})
    headlines = draw_headlines(articles, pattern, others)

    def ids(*files: str) -> list[str]:
        return [name for file in files for name in read_table(labels / file)["paragraph_id"]]

    framing = ids("news_framing/sample.csv", "news_framing/supplement.csv")
    before = ids("foreign_news/sample.csv", "news_paragraphs/sample.csv")
    used = {name.partition(":")[0] for name in (*framing, *before)}
    first = draw_thing_paragraphs(articles, pattern, used, others)
    used |= {each.paragraph.article for each in first}
    done = {*before, *(each.paragraph.paragraph_id for each in first)}
    between = draw_thing_paragraphs(
        articles,
        things_pattern(labels / "things.yaml", ["relations"]),
        {name.partition(":")[0] for name in framing},
        [*others, *(each.text for each in paragraphs_of(articles) if each.paragraph_id in done)],
        n=800,
        most=48,
        between_countries=True,
        seed=2,
    )
    used |= {each.paragraph.article for each in between}
    second = draw_thing_paragraphs(articles, pattern, used, others, n=800, seed=1)
    return {
        "news_things": [mention.mention_id for mention in things],
        "news_headlines": [mention.mention_id for mention in headlines],
        "news_thing_paragraphs": [each.paragraph.paragraph_id for each in (*first, *between, *second)],
    }
