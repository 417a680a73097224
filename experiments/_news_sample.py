"""Which paragraphs and mentions of `allsides_news` people were asked to label: drawn by a seed, before any score.

The texts belong to their outlets and do not come with the project; a row is named by its article, the line in it and a
hash of the text, so that anyone who has the corpus gets the texts back and notices if they are others.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from research.corpus import split_sentences
from research.errors import InputError

__all__ = [
    "BLAME",
    "NAME",
    "PARAGRAPH_WORDS",
    "POSSESSIVE",
    "PRAISE",
    "SENTENCE_WORDS",
    "Mention",
    "Paragraph",
    "draw_mentions",
    "draw_paragraphs",
    "draw_supplement",
    "known_names",
    "line_of",
    "named_mentions",
    "paragraphs_of",
    "read_articles",
    "text_hash",
]

# Words; shorter lines of a web page are captions and links more often than paragraphs.
PARAGRAPH_WORDS = (25, 160)
SENTENCE_WORDS = (8, 60)
_SUBJECT = re.compile(
    r"\b(?:India|Indian|Indians|New Delhi|Modi|Russia|Russian|Russians|Moscow|Kremlin|Putin|China|Chinese|Beijing|"
    r"tariffs?)\b"
)
# A general list of praise; the axis's own style lists are others, so that the draw does not favour them.
PRAISE = re.compile(
    r"\b(?:admir\w+|applaud\w*|beautiful\w*|best|bless\w*|brave\w*|brilliant\w*|celebrat\w+|champion\w*|courag\w+|"
    r"delight\w*|excellen\w+|extraordinar\w+|faithful\w*|fantastic|glor\w+|grand|grateful|great|greatest|greatness|hero\w*|"
    r"historic|honou?r\w*|hope\w*|incredib\w+|inspir\w+|joy\w*|legend\w*|love\w*|magnificent\w*|outstanding|perfect\w*|"
    r"prais\w+|pride|proud\w*|remarkabl\w+|splendid\w*|success\w*|superb\w*|terrific|thank\w*|triumph\w*|tremendous\w*|"
    r"victor\w+|welcom\w+|wonderful\w*)\b",
    re.IGNORECASE,
)
BLAME = re.compile(
    r"\b(?:abus\w+|accus\w+|aggress\w+|appall\w+|attack\w*|blam\w+|brutal\w*|condemn\w*|corrupt\w*|coward\w*|critici\w+|"
    r"cruel\w*|danger\w*|denounc\w+|disast\w+|disgrac\w+|dishonest\w*|evil|fail\w*|fraud\w*|harm\w*|hypocri\w+|illegal\w*|"
    r"incompeten\w+|lie[sd]?|lying|mistak\w+|outrag\w+|racis\w+|reckless\w*|scandal\w*|shame\w*|slam\w*|terribl\w+|"
    r"threat\w*|violat\w+|weak\w*|worst|wrong\w*)\b",
    re.IGNORECASE,
)
# Names as headlines and bodies write them: capitalised words in a row, or an all-capitals short form.
NAME = re.compile(r"\b(?:[A-Z][a-zA-Z’'-]+|[A-Z]{2,5})(?:\s+(?:of\s+|the\s+)?[A-Z][a-zA-Z’'-]+){0,3}")
POSSESSIVE = re.compile(r"['’]s?$")
_NOT_NAMES = frozenset(
    """
    I Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July
    August September October November December Mr Mrs Ms Dr Sen Rep Gov President English Christmas Photo
    Photos Image
    """.split()  # noqa: SIM905
)
_PRONOUNS = re.compile(r"\b(?:he|she|He|She|him)\b")
_WORD = re.compile(r"\b[a-z][a-z’'-]+")
_CONTRACTED = re.compile(r"I[’']")
_MENTION_ID = re.compile(r"([^:]+):(\d+|title):(\d+):(\d+)-(\d+)")
_LEAST_ARTICLES = 12  # a name must come in so many articles: names that readers know


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of an article: ``<article>:<line>``, lines counting the article's non-empty ones from 0."""

    paragraph_id: str
    article: str
    outlet: str
    topic: str
    text: str
    stratum: str = ""


@dataclass(frozen=True)
class Mention:
    """A mention of a target in a sentence: characters `start` to `end` of `text`."""

    mention_id: str
    article: str
    topic: str
    text: str
    start: int
    end: int


def text_hash(text: str) -> str:
    """Give the first 16 hex digits of a text's sha256."""
    return sha256(text.encode()).hexdigest()[:16]


def read_articles(data: Path) -> list[dict[str, str]]:
    """Read `allsides_news.jsonl.gz` from a folder of corpora."""
    path = data / "allsides_news.jsonl.gz"
    if not path.is_file():
        raise InputError(f"{path}: no such file; key `data` must name the folder with the corpora")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def paragraphs_of(articles: Iterable[dict[str, str]]) -> Iterator[Paragraph]:
    """Give every line of the articles, in order, as a paragraph."""
    for row in articles:
        for number, line in enumerate(_lines(row)):
            yield Paragraph(f"{row['id']}:{number}", row["id"], row["outlet"], row["topic"], line)


def _lines(row: dict[str, str]) -> list[str]:
    return [" ".join(line.split()) for line in row["text"].split("\n") if line.strip()]


def line_of(row: dict[str, str], line: str) -> str:
    """Give a line of an article by its number, or its headline by `title`; nothing where there is none."""
    if line == "title":
        return " ".join(row["title"].split())
    lines = _lines(row)
    return lines[int(line)] if int(line) < len(lines) else ""


def draw_paragraphs(articles: list[dict[str, str]], n: int = 1000, seed: int = 0) -> list[Paragraph]:
    """Draw paragraphs: three fifths on India, Russia, China or tariffs, a fifth any, a fifth with praising words.

    Two paragraphs an article at most, no text twice, 25 to 160 words.
    """
    few, many = PARAGRAPH_WORDS
    pool = [each for each in paragraphs_of(articles) if few <= len(each.text.split()) <= many]
    order = np.random.default_rng(seed).permutation(len(pool))
    strata: dict[str, tuple[int, Callable[[str], bool]]] = {
        "subject": (n * 3 // 5, lambda text: _SUBJECT.search(text) is not None),
        "praise": (n // 5, lambda text: len({hit.lower() for hit in PRAISE.findall(text)}) >= 2),
        "any": (n - n * 3 // 5 - n // 5, lambda text: True),
    }
    taken: list[Paragraph] = []
    used: dict[str, int] = {}
    texts: set[str] = set()
    for name, (wanted, belongs) in strata.items():
        found = 0
        for place in order:
            each = pool[place]
            if found == wanted:
                break
            if used.get(each.article, 0) >= 2 or each.text in texts or not belongs(each.text):
                continue
            found += 1
            used[each.article] = used.get(each.article, 0) + 1
            texts.add(each.text)
            taken.append(Paragraph(each.paragraph_id, each.article, each.outlet, each.topic, each.text, name))
    return [taken[place] for place in np.random.default_rng([seed, 1]).permutation(len(taken))]


def draw_supplement(
    articles: list[dict[str, str]], drawn: list[Paragraph], n_headlines: int = 300, n_praise: int = 300, seed: int = 0
) -> list[Paragraph]:
    """Draw more to learn from, from other articles: headlines, half of them praising, and praising paragraphs.

    A headline's line is `title`. One text an article.
    """
    few, many = PARAGRAPH_WORDS
    used = {each.article for each in drawn}
    rest = [row for row in articles if row["id"] not in used]
    generator = np.random.default_rng([seed, 3])
    order = generator.permutation(len(rest))
    taken: list[Paragraph] = []
    texts: set[str] = set()

    def take(row: dict[str, str], name: str, text: str, stratum: str) -> None:
        used.add(row["id"])
        texts.add(text)
        taken.append(Paragraph(name, row["id"], row["outlet"], row["topic"], text, stratum))

    for wanted, praising in ((n_headlines // 2, True), (n_headlines - n_headlines // 2, False)):
        found = 0
        for place in order:
            row = rest[place]
            title = " ".join(row["title"].split())
            if found == wanted:
                break
            if row["id"] in used or title in texts or len(title.split()) < 5:
                continue
            if praising and not PRAISE.search(title):
                continue
            found += 1
            take(row, f"{row['id']}:title", title, "headline")
    for place in generator.permutation(len(rest)):
        if len(taken) == n_headlines + n_praise:
            break
        row = rest[place]
        if row["id"] in used:
            continue
        lines = [each for each in paragraphs_of([row]) if few <= len(each.text.split()) <= many]
        lines = [each for each in lines if len({hit.lower() for hit in PRAISE.findall(each.text)}) >= 2]
        lines = [each for each in lines if each.text not in texts]
        if lines:
            each = lines[int(generator.integers(len(lines)))]
            take(row, each.paragraph_id, each.text, "praise")
    return [taken[place] for place in np.random.default_rng([seed, 4]).permutation(len(taken))]


def known_names(articles: list[dict[str, str]]) -> set[str]:
    """Give the names of many articles that are not words that merely begin a sentence."""
    names: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for row in articles:
        names.update(set(NAME.findall(row["text"])))
        words.update(set(_WORD.findall(row["text"])))
    known = set()
    for name, count in names.items():
        first = name.split()[0].lower()
        if (
            count >= _LEAST_ARTICLES
            and name not in _NOT_NAMES
            and words[first] < count / 5
            and not _CONTRACTED.match(name)
        ):
            known.add(name)
    return known


def draw_mentions(
    articles: list[dict[str, str]], excluded: frozenset[str] = frozenset(), n: int = 1600, seed: int = 0
) -> list[Mention]:
    """Draw mentions of people, parties, countries and bodies in sentences, half of them two to a sentence.

    A quarter of the sentences are any, the others have a word of praise or blame of a general list; one draw in eight
    is of a pronoun. Two sentences an article at most. `excluded` are sentences that must not be drawn.
    """
    few, many = SENTENCE_WORDS
    generator = np.random.default_rng([seed, 2])
    articles = [articles[place] for place in generator.permutation(len(articles))]
    known = known_names(articles)
    drawn: list[Mention] = []
    seen: set[str] = set(excluded)
    for row in articles:
        if len(drawn) >= n:
            break
        lines = [each for each in paragraphs_of([row]) if len(each.text.split()) >= few]
        candidates = []
        for each in lines:
            for low, high in split_sentences(each.text, "en"):
                sentence = each.text[low:high]
                if not few <= len(sentence.split()) <= many or sentence in seen:
                    continue
                names = [m.span() for m in NAME.finditer(sentence) if m.group() in known and m.start() > 0]
                names += [m.span() for m in NAME.finditer(sentence) if m.start() == 0 and m.group() in known]
                marked = bool(PRAISE.search(sentence) or BLAME.search(sentence))
                pronouns = [m.span() for m in _PRONOUNS.finditer(sentence)]
                if names or pronouns:
                    candidates.append((each.paragraph_id, sentence, low, names, pronouns, marked))
        kept = 0
        for place in generator.permutation(len(candidates)):
            paragraph_id, sentence, low, names, pronouns, marked = candidates[place]
            if kept == 2 or len(drawn) >= n:
                break
            if not marked and generator.random() > 0.08:
                continue
            if sentence in seen:
                continue
            two = generator.random() < 1 / 3  # a third of the sentences twice: half of the mentions
            if pronouns and (not names or generator.random() < 1 / 8):
                chosen = [pronouns[generator.integers(len(pronouns))]]
                if two and names:
                    chosen.append(names[generator.integers(len(names))])
            elif names:
                order = generator.permutation(len(names))
                chosen = [names[order[0]]]
                others = [names[i] for i in order if sentence[slice(*names[i])] != sentence[slice(*chosen[0])]]
                if two and others:
                    chosen.append(others[0])
            else:
                continue
            kept += 1
            seen.add(sentence)
            for start, end in chosen:
                name = f"{paragraph_id}:{low}:{low + start}-{low + end}"
                drawn.append(Mention(name, row["id"], row["topic"], sentence, start, end))
    return drawn[:n]


def named_mentions(articles: list[dict[str, str]], names: Iterable[str]) -> list[Mention | None]:
    """Give the mentions that were drawn as ``<article>:<line>:<sentence>:<start>-<end>``; None where there is none.

    `sentence`, `start` and `end` are characters of the line; the line `title` is the headline, and one sentence.

    Raises
    ------
    InputError
        If a name is of another form.
    """
    rows = {row["id"]: row for row in articles}
    found: list[Mention | None] = []
    for name in names:
        parts = _MENTION_ID.fullmatch(name)
        if parts is None:
            raise InputError(f"mention {name!r}: the form is <article>:<line>:<sentence>:<start>-<end>")
        article, line = parts[1], parts[2]
        first, start, end = (int(parts[group]) for group in (3, 4, 5))
        row = rows.get(article)
        if row is None:
            found.append(None)
            continue
        whole = line_of(row, line)
        spans = [(0, len(whole))] if line == "title" else split_sentences(whole, "en")
        text = {low: whole[low:high] for low, high in spans}.get(first)
        if text is None or not first <= start < end <= first + len(text):
            found.append(None)
        else:
            found.append(Mention(name, article, row["topic"], text, start - first, end - first))
    return found
