"""Rules on what the lines around one show: titles, headings and links that nothing marks."""

from __future__ import annotations

import re

from research.corpus._page import MARKED, Line, Page
from research.corpus._text import is_title_case

__all__ = [
    "lone_tag",
    "opening_title",
    "among_furniture",
    "short_items",
    "after_the_end",
    "short_heading",
    "question_heading",
    "lone_headline",
]

_BULLET = re.compile(r"(?:[-*+•●▪◦‣·]|\d{1,2}[.)])\s+\S")
# A post that is quoted: its signature, a picture's address, a handle or a tag.
_POST = re.compile(r"[(\s.]@\w|^@\w|pic\.twitter\.com/|https?://|(?<!\w)#\w")
_QUESTION = re.compile(
    r"(?:so |but |and )?(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|will|would|can|could|should|do"
    r"|does|did"
    r"|has|have|had|isn't|aren't|won't|doesn't|didn't)\b"
)


def _could_be_headline(line: Line) -> bool:
    """Tell a line of up to sixteen words that begins with a capital and has no stop at its end nor within."""
    return (
        not line.ends
        and line.n_words <= 16
        and line.text[0].isupper()
        and not re.search(r"[.!?…] |[”\"]$|^[A-Z][\w .'’-]{2,30}:", line.text)
    )


def _is_short(line: Line) -> bool:
    """Tell a line of up to ten words, or twenty set like a title, that do not end as running text does."""
    return not line.ends and (line.n_words <= 10 or (line.n_words <= 20 and is_title_case(line.text)))


def lone_tag(page: Page, i: int) -> str | None:
    """Claim one word in lower case, standing alone: a tag or an account's name."""
    text = page.lines[i].text
    return (
        f"a single lower-case word: {text!r}" if " " not in text and text.islower() and not page.lines[i].ends else None
    )


def opening_title(page: Page, i: int) -> str | None:
    """Claim the first line of four words or more above the running text that does not end as a sentence does."""
    line = page.lines[i]
    if page.first_prose is None or i >= page.first_prose or page.titled or line.n_words > 30:
        return None
    plain = (not line.ends or line.text.endswith("?")) and not line.key.startswith("story highlights ")
    if not plain or i != page.first_of_four_words or _BULLET.match(line.raw) or MARKED.match(line.raw):
        return None
    return "stands above the running text and does not end as a sentence"


def among_furniture(page: Page, i: int) -> str | None:
    """Claim up to four words without a stop, with furniture or the page's edge on both sides."""
    line = page.lines[i]
    if line.ends or line.n_words > 4 or len(page.lines) < 3:
        return None
    before = i == 0 or page.kinds[i - 1] == "boilerplate"
    after = i == len(page.lines) - 1 or page.kinds[i + 1] == "boilerplate"
    return "a few words with furniture on both sides" if before and after else None


def short_items(page: Page, i: int) -> str | None:
    """Claim one of three or more items in a row, each of up to three words: a menu."""

    def item(k: int) -> bool:
        if k >= len(page.lines):
            return False
        line = page.lines[k]
        return bool(_BULLET.match(line.raw)) and line.n_words <= 3 and not line.ends

    if not item(i):
        return None
    start = stop = i
    while start > max(i - 2, 0) and item(start - 1):
        start -= 1
    while stop < i + 2 and item(stop + 1):
        stop += 1
    return "one of three or more items of a few words: a menu" if stop - start >= 2 else None


def after_the_end(page: Page, i: int) -> str | None:
    """Claim a short line without a stop after the last running text: a name, a tag, a link to another page."""
    line = page.lines[i]
    if page.last_prose is None or i < page.last_prose or _BULLET.match(line.raw) or _POST.search(line.text):
        return None
    if _is_short(line) or (line.text.endswith("?") and line.n_words <= 15 and is_title_case(line.text)):
        return "a short line after the last running text"
    return "a line without a stop after the last running text" if _could_be_headline(line) else None


def short_heading(page: Page, i: int) -> str | None:
    """Claim a short line without a stop, or all in capitals, with running text after it.

    A line that begins in lower case (a broken sentence), an item of a list, and one of three or more sentences without
    stops in a row are kept as text.
    """
    line = page.lines[i]
    if page.last_prose is None or i >= page.last_prose or "(@" in line.text:  # a post that is quoted, not a heading
        return None
    if _BULLET.match(line.raw) and not line.raw[0].isdigit():
        return None
    capitals = line.n_words <= 12 and line.text.isupper() and sum(map(str.isalpha, line.text)) >= 4
    if capitals and not line.text.endswith((".", "!", "?", '"', "”")):
        return "a short line all in capitals"
    titled = is_title_case(line.text)
    if line.text.endswith("?") and titled and line.n_words <= 15 and line.n_words >= 3:
        return "a question set like a title"
    if not _is_short(line) or (line.text[0].islower() and line.n_words >= 4):
        return None
    if not titled and line.n_words >= 5:

        def unstopped(k: int) -> bool:
            return page.kinds[k] is None and _is_short(page.lines[k]) and page.lines[k].n_words >= 5

        start = stop = i
        while start > max(i - 2, 0) and unstopped(start - 1):
            start -= 1
        while stop < min(i + 2, len(page.lines) - 1) and unstopped(stop + 1):
            stop += 1
        if stop - start >= 2:
            return None
    return f"{line.n_words} words without a stop, running text after it"


def question_heading(page: Page, i: int) -> str | None:
    """Claim one of two or more short questions that each stand above running text: headings in sentence case."""

    def asks(k: int) -> bool:
        line = page.lines[k]
        return (
            line.text.endswith("?")
            and 3 <= line.n_words <= 12
            and bool(_QUESTION.match(line.key))
            and 0 < k < len(page.lines) - 1
            and page.lines[k + 1].is_prose
            and not page.lines[k + 1].text.endswith("?")
        )

    if not asks(i):
        return None
    n = sum(asks(k) for k in range(len(page.lines)) if page.kinds[k] in (None, "heading"))
    return f"one of {n} short questions, each with running text after it" if n >= 2 else None


def lone_headline(page: Page, i: int) -> str | None:
    """Claim a line of up to 16 words without a stop that stands alone between sentences: a heading, a link, a caption.

    In a list, or among the lines that sum up an article above its first sentence, such lines stand side by side.
    """
    line = page.lines[i]
    if page.first_prose is None or page.last_prose is None or not page.first_prose < i < page.last_prose:
        return None
    if not _could_be_headline(line) or _BULLET.match(line.raw) or _POST.search(line.text):
        return None
    before, after = page.lines[i - 1], page.lines[i + 1]
    beside = [k for k in (i - 1, i + 1) if page.kinds[k] is None]
    if i < 4 or len(beside) < 2 or not (before.ends and after.ends) or before.text.endswith((":", ",", "—", "…", "-")):
        return None
    return f"{line.n_words} words without a stop, alone between sentences"
