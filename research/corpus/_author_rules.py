"""Rules on who wrote it: bylines, biographies, addresses."""

from __future__ import annotations

import re

from research.corpus._furniture import BIO_ROLE, GENERIC_HEADINGS, WRITER
from research.corpus._page import Page

__all__ = [
    "byline",
    "biography",
    "opening_biography",
    "reachable_at",
]

_PART = r"[^\W\d_][\w'’.-]*"
_NAME = re.compile(rf"{_PART}(?: {_PART}){{1,4}}$")
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "di",
        "do",
        "del",
        "della",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "bin",
        "al",
        "el",
        "ibn",
        "and",
        "&",
        "y",
    ]
)
_BYLINE = re.compile(
    r"(?:(?:analysis|opinion|story|text|words|commentary|review|posted|video|report|column|exclusive)\s+)?by:?\s+\S",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\S@ ?\w+(?:\.\w+)*\.[a-z]{2,}\b|\[email.protected\]")
# "is a fellow at", "is the magazine's editor", "is associate professor of"; not "is expected to write"
_HAS_POST = re.compile(
    rf" (?:is|are) (?:also |currently )?(?:(?:an?|the|[\w']+'s)\b|(?:\w+ ){{0,2}}{BIO_ROLE.pattern})"
)
_LOOK = 3  # how many lines away a bare name may stand from the biography it belongs to


def _is_name(text: str) -> bool:
    """Tell two to five words that each begin with a capital (particles aside), no digits, no stop."""
    words = text.split()
    if not 2 <= len(words) <= 5 or not _NAME.match(text):
        return False
    main = [word for word in words if word not in _PARTICLES]
    return (
        len(main) >= 2
        and all(word[0].isupper() for word in main)
        and not any(w in {"The", "A", "An", "Of", "In", "On", "For"} for w in main)
    )


def _are_names(text: str) -> bool:
    """Tell names joined by commas and `and`."""
    return all(_is_name(part.strip()) for part in re.split(r",? and |, | & ", text))


def byline(page: Page, i: int) -> str | None:
    """Claim `By` and names; or a name alone above the first paragraph."""
    line = page.lines[i]
    if line.ends or line.n_words > 14:
        return None
    if _BYLINE.match(line.text):
        words = [word for word in line.text.split()[1:] if word[0].isalpha()]
        if words and sum(word[0].isupper() for word in words) >= 0.6 * len(words):
            return "a byline"
    if i == 0 and line.n_words >= 4 and _are_names(line.text) and re.search(r" and |, ", line.text):
        return "names alone at the top"
    if page.author and line.key == page.author:
        return "the author's name in the metadata, alone"
    if (
        page.first_prose is not None
        and i < page.first_prose
        and line.n_words <= 4
        and _is_name(line.text)
        and line.bare not in GENERIC_HEADINGS
    ):
        follows = page.lines[i + 1]
        # a heading over the first paragraph looks like a name; with something between, or at the very top, a name it is
        if page.kinds[i + 1] == "boilerplate" or (i == 0 and follows.is_prose and line.n_words <= 3):
            return "a name alone above the first paragraph"
    return None


def biography(page: Page, i: int) -> str | None:
    """Claim what the author is or does, told after the article's end.

    Evidence is a bare line with the name the sentence opens with, within three lines (anywhere, for a writer's
    occupation: several authors of one page); or, in the last two lines of running text, an occupation of someone whom
    the text names nowhere else.
    """
    line = page.lines[i]
    if page.last_prose is None or line.n_words > 150 or i < 2:
        return None
    after = page.n_prose_after(i)
    if after > 2 and not WRITER.search(line.key):
        return None
    near = [k for k in range(max(i - _LOOK, 0), min(i + _LOOK + 1, len(page.lines))) if k != i]
    for k in near:
        name = page.lines[k]
        if _is_name(name.text) and line.key.startswith((name.key + " ", name.key + ",")) and BIO_ROLE.search(line.key):
            return f"a biography: opens with {name.text!r}, which stands alone nearby"
    opening = re.match(
        rf"[\W_]*(?:The )?(?:(?:Rev|Dr|Prof|Hon)\. )?({_PART}(?: {_PART}){{0,5}}?)(?: \(@\w+\))?"
        r"(?: ?, ?[^,]{3,80}(?:,[^,]{3,80})?,)? "
        r"(?:is|are|was|holds|has been|serves|covers|writes|teaches|reports)\b",
        line.text,
    )
    if opening and (not after or (after <= 2 and _HAS_POST.search(line.key))) and BIO_ROLE.search(line.key):
        name_text = opening.group(1).strip()
        writes = not after and _HAS_POST.search(line.key) and WRITER.search(line.key) and _is_name(name_text)
        if writes or (page.author and name_text.casefold() == page.author) or _named_here_alone(page, i, name_text):
            return f"a biography: an occupation of {name_text!r}, whom the text names nowhere else or who writes"
    return None


def _named_here_alone(page: Page, i: int, name: str) -> bool:
    """Tell a name that no other line of running text has."""
    last = re.escape(name.split()[-1])
    return _is_name(name) and not any(
        re.search(rf"\b(?:{last}|{last.upper()})\b", other.text)
        for k, other in enumerate(page.lines)
        if k != i and other.is_prose and other.key != page.lines[i].key
    )


def opening_biography(page: Page, i: int) -> str | None:
    """Claim what the author is, told in the first two lines with a book, an account or a disclaimer.

    An occupation in the present tense is enough where four other lines of running text do not name its holder.
    """
    line = page.lines[i]
    if i > 1 or line.n_words > 90 or not BIO_ROLE.search(line.key):
        return None
    opening = re.match(rf"({_PART}(?: {_PART}){{1,4}}?) ?(?:,| is | \()", line.text)
    if not opening or not _is_name(opening.group(1).strip()):
        return None
    name = opening.group(1).strip()
    told_of = opening.group().endswith(" is ") and _HAS_POST.search(line.key) and page.n_prose_after(i) >= 4
    if told_of and _named_here_alone(page, i, name):
        return f"a biography: an occupation of {name!r}, whom the text names nowhere else"
    told = re.search(
        r"\b(?:(?:his|her|their) (?:\w+ )?(?:books?|novel|account) |author of |opinions?|views|twitter|@\w"
        r"|follow (?:him|her))",
        line.key,
    )
    return f"a biography: opens with {name!r}, and a role" if told else None


def reachable_at(page: Page, i: int) -> str | None:
    """Claim a few words with an e-mail address among the last five lines of a page."""
    line = page.lines[i]
    last = 12 if line.n_words <= 12 else 5
    found = _MAIL.search(line.key) if line.n_words <= 40 and i >= len(page.lines) - last else None
    return "an e-mail address at the end of the page" if found else None
