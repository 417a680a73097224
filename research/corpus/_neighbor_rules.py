"""Rules on what the lines around one show: titles, headings and links that nothing marks."""

from __future__ import annotations

import re
from collections.abc import Callable

from research.corpus._furniture import LINK_LABEL
from research.corpus._page import MARKED, Line, Page
from research.corpus._text import is_title_case

__all__ = [
    "lone_tag",
    "printed_twice",
    "opening_title",
    "among_furniture",
    "short_items",
    "link_bullets",
    "pull_quote",
    "below_label",
    "after_the_end",
    "short_heading",
    "question_heading",
    "lone_headline",
    "unstopped_captions",
]

_BULLET = re.compile(r"(?:[-*+•●▪◦‣·]|\d{1,2}[.)])\s+\S")
# A post that is quoted: its signature, a picture's address, a handle or a tag.
_POST = re.compile(r"[(\s.]@\w|^@\w|pic\.twitter\.com/|https?://|(?<!\w)#\w")
_QUESTION = re.compile(
    r"(?:so |but |and )?(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|will|would|can|could|should|do"
    r"|does|did"
    r"|has|have|had|isn't|aren't|won't|doesn't|didn't)\b"
)


# A stop with the number of a footnote, or with a source in brackets, after it.
_FOOTNOTE = re.compile(r"[.!?…][\"”’')]*\s?(?:\d{1,3}\b.{0,60}|\[[^\[\]]{1,60}\]|\([^()]{1,60}\))$")


# "Border wall: Town votes to close its bridge"; not "Turnout: 41 percent".
_LABELLED = re.compile(r"[A-Z0-9][^:!?]{2,40}: ?[\"“'‘]?[A-Z].*[^\d\s%)”\":]$")
_SPEAKER = re.compile(r"[A-Z][\w.'’ -]{1,40}: ")
_QUOTE = re.compile(r"[\"“'‘«„]")
_YOU = re.compile(r"\byour?\b")
# The first word of a sentence that goes on with what was said before.
_GOES_ON = re.compile(r"(?:he|she|they|it|we|i|but|and|so|then|this|that|these|those)\b")


def _run(page: Page, i: int, fits: Callable[[int], bool], most: int) -> tuple[int, int]:
    """Give the first and last of the lines in a row with line `i` that fit, looking at no more than `most` each way."""
    start = stop = i
    while start > max(i - most, 0) and fits(start - 1):
        start -= 1
    while stop < min(i + most, len(page.lines) - 1) and fits(stop + 1):
        stop += 1
    return start, stop


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


def _is_prose(page: Page, k: int) -> bool:
    """Tell running text, whatever it was decided to be."""
    return page.lines[k].is_prose


def _doubled(page: Page, k: int) -> bool:
    """Tell a sentence that the next line repeats."""
    return page.lines[k].is_prose and k + 1 < len(page.lines) and page.lines[k].key == page.lines[k + 1].key


def printed_twice(page: Page, i: int) -> str | None:
    """Claim one of three or more sentences that are each printed twice in a row: captions of a slide show.

    Where most sentences of a page are doubled, it is a fault of its making and they are kept.
    """
    doubled = page.those(_doubled)
    if i not in doubled or len(doubled) < 3 or 3 * len(doubled) > len(page.those(_is_prose)):
        return None
    return f"one of {len(doubled)} sentences that are printed twice in a row"


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
    """Claim up to four lines in a row with furniture or the page's edge on both sides: a menu, a prompt in parts.

    Each has up to four words without a stop, or is a question to the reader.
    """

    def few(k: int) -> bool:
        line = page.lines[k]
        short = line.n_words <= 4 and (not line.ends or line.text.endswith(":"))
        asks = line.text.endswith("?") and line.n_words <= 20 and _YOU.search(line.key)
        return bool(page.kinds[k] is None and (short or asks))

    if len(page.lines) < 3 or not few(i):
        return None
    start, stop = _run(page, i, few, 4)
    before = start == 0 or page.kinds[start - 1] == "boilerplate"
    after = stop == len(page.lines) - 1 or page.kinds[stop + 1] == "boilerplate"
    return "a few words or a question with furniture on both sides" if before and after and stop - start < 4 else None


def short_items(page: Page, i: int) -> str | None:
    """Claim one of three or more items in a row, each of up to three words: a menu."""

    def item(k: int) -> bool:
        line = page.lines[k]
        return bool(_BULLET.match(line.raw)) and line.n_words <= 3 and not line.ends

    if not item(i):
        return None
    start, stop = _run(page, i, item, 2)
    return "one of three or more items of a few words: a menu" if stop - start >= 2 else None


def link_bullets(page: Page, i: int) -> str | None:
    """Claim one of two or more items in a row in the form of headlines, above or below the running text: links.

    Beside furniture they may stand anywhere.
    """

    def item(k: int) -> bool:
        line = page.lines[k]
        listed = bool(_BULLET.match(line.raw)) and not line.raw[0].isdigit()
        return listed and not line.ends and 2 <= line.n_words <= 16 and not line.text[0].islower()

    if page.first_prose is None or page.last_prose is None or not item(i):
        return None
    start, stop = _run(page, i, item, 8)
    outside = stop < page.first_prose or start > page.last_prose
    beside = [page.kinds[k] for k in (start - 1, stop + 1) if 0 <= k < len(page.lines)]
    linked = stop > start and (outside or "boilerplate" in beside)
    return f"one of {stop - start + 1} items in the form of headlines: links" if linked else None


def _could_be_pulled(page: Page, k: int) -> bool:
    """Tell a sentence without its stop, below the first running text, that is no post."""
    line = page.lines[k]
    if page.kinds[k] is not None or line.ends or not 6 <= line.n_words <= 45 or page.first_prose is None:
        return False
    return k > max(page.first_prose, 3) and not (_POST.search(line.text) or _BULLET.match(line.raw))


def pull_quote(page: Page, i: int) -> str | None:
    """Claim a sentence without its stop most of whose words another line of the article prints in the same order.

    The speaker's name may stand at its end. Where a page has many such lines, it is not made so.
    """
    could = page.those(_could_be_pulled)
    if i not in could or len(could) > 40:
        return None
    words = re.findall(r"\w+", page.lines[i].key)
    rows = [" ".join(words[k : k + 4]) for k in range(len(words) - 3)]
    if len(rows) < 3:
        return None
    for k, line in enumerate(page.lines):
        told = line.is_prose and line.ends and page.kinds[k] is None
        if k == i or not told or line.n_words < len(words) - 6 or words[2] not in line.key:
            continue
        other = " ".join(["", *re.findall(r"\w+", line.key), ""])
        if sum(f" {row} " in other for row in rows) >= 0.6 * len(rows):
            return f"a pull quote: most of its words stand in line {k}"
    return None


def below_label(page: Page, i: int) -> str | None:
    """Claim a line without a stop, or a question, in a row below `Read more:` or its like: a link to another story."""

    def link(k: int) -> bool:
        line = page.lines[k]
        headed = not line.ends or line.text.endswith("?")
        return page.kinds[k] is None and headed and line.n_words <= 25 and not line.text[0].islower()

    if not link(i):
        return None
    start, _ = _run(page, i, link, 12)
    if not start or page.kinds[start - 1] != "boilerplate":
        return None
    label = page.lines[start - 1]
    listed = LINK_LABEL.match(label.bare) and (label.text.endswith(":") or not page.lines[i].text.endswith("?"))
    return f"a link to another story, below {label.text!r}" if listed else None


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
            near = page.lines[k]
            return (
                page.kinds[k] is None and not near.ends and 5 <= near.n_words <= (16 if _QUOTE.match(near.text) else 35)
            )

        start, stop = _run(page, i, unstopped, 2)
        if stop - start >= 2:
            return None
    return f"{line.n_words} words without a stop, running text after it"


def _asks(page: Page, k: int) -> bool:
    """Tell a short question that stands above running text."""
    line = page.lines[k]
    return (
        page.kinds[k] in (None, "heading")
        and line.text.endswith("?")
        and 3 <= line.n_words <= 12
        and bool(_QUESTION.match(line.key))
        and 0 < k < len(page.lines) - 1
        and page.lines[k + 1].is_prose
        and not page.lines[k + 1].text.endswith("?")
    )


def question_heading(page: Page, i: int) -> str | None:
    """Claim one of two or more short questions that each stand above running text: headings in sentence case."""
    if i not in page.those(_asks):
        return None
    n = len(page.those(_asks))
    return f"one of {n} short questions, each with running text after it" if n >= 2 else None


def lone_headline(page: Page, i: int) -> str | None:
    """Claim up to three lines without a stop between sentences or furniture: a heading, a caption, links to stories.

    One line of up to 16 words, or of 20 with a label (`The vote: Town to close its bridge`); in a row one has a label.
    Items of a list follow a colon, and above the first sentence such lines sum the article up.
    """
    line = page.lines[i]
    if page.first_prose is None or page.last_prose is None or not page.first_prose < i < page.last_prose or i < 4:
        return None

    def headed(k: int) -> bool:
        near = page.lines[k]
        plain = _could_be_headline(near) or (_LABELLED.match(near.text) and near.n_words <= 20 and not near.ends)
        return bool(page.kinds[k] is None and plain and not _BULLET.match(near.raw) and not _POST.search(near.text))

    if not headed(i):
        return None
    start, stop = _run(page, i, headed, 3)
    row = page.lines[start : stop + 1]
    if not 0 < start <= stop < len(page.lines) - 1 or len(row) > 3:
        return None
    if len(row) > 1 and (any(each.n_words < 5 for each in row) or not any(_LABELLED.match(each.text) for each in row)):
        return None
    before, after = page.lines[start - 1], page.lines[stop + 1]
    told = [page.kinds[k] is None and page.lines[k].ends for k in (start - 1, stop + 1)]
    beside = all(told) or (any(told) and "boilerplate" in (page.kinds[start - 1], page.kinds[stop + 1]))
    if not beside or before.text.endswith((":", ",", "—", "…", "-")):
        return None
    if _SPEAKER.match(line.text) and (_SPEAKER.match(before.text) or _SPEAKER.match(after.text)):
        return None  # a transcript
    return f"{line.n_words} words without a stop, alone between sentences"


def _alone_without_stop(page: Page, k: int) -> bool:
    """Tell one or two sentences in a row that lack their stop, between sentences that have theirs."""
    return _row_without_stop(page, k) in (1, 2)


def _few_without_stop(page: Page, k: int) -> bool:
    """Tell up to six such sentences in a row."""
    return 1 <= _row_without_stop(page, k) <= 6


def _row_without_stop(page: Page, k: int) -> int:
    """Count the sentences in a row that lack their stop, between sentences that have theirs; 0 for no such line."""

    def unstopped(m: int) -> bool:
        line = page.lines[m]
        return page.kinds[m] is None and not line.ends and 8 <= line.n_words <= 45 and not _FOOTNOTE.search(line.text)

    def inside(m: int) -> bool:
        return 0 < m < len(page.lines) - 1 and unstopped(m)

    line = page.lines[k]
    if not inside(k) or not line.text[0].isupper() or _GOES_ON.match(line.key):
        return 0
    if _BULLET.match(line.raw) or _POST.search(line.text):
        return 0
    start, stop = _run(page, k, inside, 6)
    before, after = page.lines[start - 1], page.lines[stop + 1]
    between = after.ends and before.text.rstrip("\"”'’)").endswith((".", "!", "?"))
    return stop - start + 1 if between else 0


def unstopped_captions(page: Page, i: int) -> str | None:
    """Claim one of five or more such lines of a page whose other sentences have their stops: captions of pictures.

    On such a page up to six in a row are captions too.
    """
    alone = page.those(_alone_without_stop)
    if len(alone) < 5 or i not in page.those(_few_without_stop):
        return None
    return f"one of {len(alone)} lines without a stop, each between sentences that have theirs"
