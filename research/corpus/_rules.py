"""The rules that say what a line is, in the order in which they are asked.

Each rule looks at one undecided line and gives its evidence in words, or None. A rule runs over the whole document
before the next one starts, so it sees what all earlier rules decided about the neighbours. What no rule claims is a
paragraph: in doubt, text is kept. `RULES`, at the end, is the whole order at one sight.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from research.corpus._furniture import (
    ADDRESS,
    BIO_ROLE,
    CAPTION_OPENING,
    CODE,
    CREDIT,
    CREDIT_OPENING,
    DATE_PARTS,
    DATED_PRESENT,
    GENERIC_HEADINGS,
    OPENINGS,
    PHOTO_PLACE,
    PHRASES,
    PLAYER_WORD,
    WEATHER,
    WORDINGS,
)
from research.corpus._page import Line, Page
from research.corpus._text import is_title_case

__all__ = ["RULES", "Rule"]

Rule = Callable[[Page, int], str | None]

_LETTER = re.compile(r"[^\W\d_]")
_ATX = re.compile(r"(#{1,6})\s+(?=.*[^\W\d_])")
_BOLD_LINE = re.compile(r"(?:\d+[.)]\s*)?(\*\*|__)(?=\S)[^*]+(?<=\S)\1\s*:?$|\*\*\d+[.)]\s[^*]+\*\*$")
_NUMBERED_QUESTION = re.compile(r"(?:(?:q(?:uestion)?\s*)?\d+\s*[.):]|q\s*[.:])\s.*\?$", re.IGNORECASE)
_NUMBERED_PART = re.compile(
    r"(?:step|part|chapter|section|phase|tip|question|fact|myth|reason|lesson|takeaway|day|scenario|option)\s+"
    r"(?:\d+|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten)\s*[:.–—-]\s*\S",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[-*+•●▪◦‣·]|\d{1,2}[.)])\s+\S")
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
_MAIL = re.compile(r"\S@ ?\w+(?:\.\w+)*\.[a-z]{2,}\b")
_GLUED_LINK = re.compile(r"[\"“'‘]?[A-Z][^.!?:]{2,60}:(?=[\"“'‘]?[A-Z][a-z’']|[\"“'‘][a-z])\S")
# A post that is quoted: its signature, a picture's address, a handle or a tag.
_POST = re.compile(r"[(\s.]@\w|^@\w|pic\.twitter\.com/|https?://|(?<!\w)#\w")
_QUESTION = re.compile(
    r"(?:so |but |and )?(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|will|would|can|could|should|do"
    r"|does|did"
    r"|has|have|had|isn't|aren't|won't|doesn't|didn't)\b"
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


# --- furniture that a line shows by itself ---------------------------------------------------------------------------


def no_letters(page: Page, i: int) -> str | None:
    """Claim symbols or figures alone: rules, ornaments, brackets left by a page's code, numbers out of a graphic."""
    return None if _LETTER.search(page.lines[i].text) else f"no letters: {page.lines[i].raw[:20]!r}"


def code_or_markup(page: Page, i: int) -> str | None:
    """Claim HTML, script, a short code in square brackets, a row of a table."""
    return "code or markup" if CODE.match(page.lines[i].raw.lower()) else None


def address(page: Page, i: int) -> str | None:
    """Claim a web or e-mail address, a path, a media file's name, a handle or hashtags, and nothing else."""
    line = page.lines[i]
    return f"an address, path, handle or tag alone: {line.raw[:40]!r}" if ADDRESS.match(line.key) else None


def weather(page: Page, i: int) -> str | None:
    """Claim a temperature alone."""
    return f"a temperature: {page.lines[i].text!r}" if WEATHER.match(page.lines[i].key) else None


def date_or_time(page: Page, i: int) -> str | None:
    """Claim nothing but a date or time, with the words that go with them (updated, published, a time zone)."""
    rest = page.lines[i].key
    if page.lines[i].n_words > 14:
        return None
    if not any(pattern.search(rest) for pattern in DATE_PARTS[:2]):
        return None
    for pattern in DATE_PARTS:
        rest = pattern.sub(" ", rest)
    return None if re.search(r"\w", rest) else f"a date or time alone: {page.lines[i].text!r}"


def furniture_phrase(page: Page, i: int) -> str | None:
    """Claim a line that is, whole, a phrase that web pages print around articles."""
    bare = page.lines[i].bare
    return f"page furniture: {bare!r}" if bare in PHRASES else None


def furniture_opening(page: Page, i: int) -> str | None:
    """Claim a line that begins as links, invitations, credits and notices of web pages do."""
    line = page.lines[i]
    if line.n_words > 70:
        return None
    for what, pattern in OPENINGS:
        if found := pattern.match(line.key):
            return f"{what}: begins {found.group()[:40]!r}"
    return None


def furniture_wording(page: Page, i: int) -> str | None:
    """Claim wording of notices, invitations and rights, which articles do not address to their readers."""
    line = page.lines[i]
    if line.n_words > 90:
        return None
    for what, pattern in WORDINGS:
        found = pattern.search(line.key)
        if found and (line.n_words <= 40 or what != "an instruction to click"):  # a long paragraph may end in one
            return f"{what}: {found.group()[:50]!r}"
    return None


def recurs_across_documents(page: Page, i: int) -> str | None:
    """Claim a line that stands in several documents of the corpus that otherwise share little.

    Three documents, and one in a hundred of an outlet's, are enough for a short line; five, and one in twenty-five, for
    a sentence, since reports do repeat sentences of background.
    """
    line = page.lines[i]
    found = page.recurring.get(line.key)
    if found is None or line.bare in GENERIC_HEADINGS or _ATX.match(line.raw):
        return None
    documents, share = (5, 0.04) if line.ends else (3, 0.01)
    if found.n_documents < documents or found.share < share:
        return None
    return f"stands in {found.n_documents} documents that otherwise differ"


# --- captions --------------------------------------------------------------------------------------------------------


def caption(page: Page, i: int) -> str | None:
    """Claim a picture's caption or alternative text, marked as such."""
    line = page.lines[i]
    if line.raw.startswith("![") and line.raw.endswith(")"):
        return "a picture's alternative text"
    if line.n_words > 90:
        return None
    if found := CAPTION_OPENING.match(line.key) or PHOTO_PLACE.match(line.key):
        return f"a caption: begins {found.group().strip()[:40]!r}"
    return None


def credited_caption(page: Page, i: int) -> str | None:
    """Claim text that ends in a photographer's or picture agency's credit."""
    line = page.lines[i]
    found = CREDIT.search(line.key) if 8 < line.n_words <= 60 else None
    return f"a caption with its credit: {found.group()[:40]!r}" if found else None


def photo_credit(page: Page, i: int) -> str | None:
    """Claim a photographer's or picture agency's credit alone."""
    line = page.lines[i]
    if line.n_words > 8 or line.text.endswith((".", "!", "?")):
        return None
    found = CREDIT.search(line.key) or CREDIT_OPENING.match(line.key)
    return f"a picture credit: {found.group()[:40]!r}" if found else None


def players_caption(page: Page, i: int) -> str | None:
    """Claim text that a word of a video player or slide show opens: `CLOSE Speaking in Phoenix, ...`."""
    found = PLAYER_WORD.match(page.lines[i].text) if page.lines[i].n_words <= 90 else None
    return f"a caption: begins {found.group().strip()!r}" if found else None


def dated_present(page: Page, i: int) -> str | None:
    """Claim a sentence in the present tense with a day, a month and a year: what a picture shows and when."""
    line = page.lines[i]
    return "a caption: the present tense with a date" if line.n_words <= 60 and DATED_PRESENT.match(line.key) else None


# --- titles and headings that are marked -----------------------------------------------------------------------------


def known_title(page: Page, i: int) -> str | None:
    """Claim the title that the metadata give."""
    return "the title in the metadata" if page.title and page.lines[i].key == page.title else None


def markdown_title(page: Page, i: int) -> str | None:
    """Claim the first heading of the first level in a markdown text, before any running text."""
    mark = _ATX.match(page.lines[i].raw)
    if not page.markdown or not mark or len(mark.group(1)) > 1:
        return None
    before = range(i)
    if any(page.kinds[k] == "title" or _ATX.match(page.lines[k].raw) or page.lines[k].is_prose for k in before):
        return None
    return "the markdown heading that opens the text"


def markdown_heading(page: Page, i: int) -> str | None:
    """Claim a line marked `#` in a markdown text, or `##` and deeper anywhere."""
    mark = _ATX.match(page.lines[i].raw)
    if not mark or not (page.markdown or len(mark.group(1)) > 1):
        return None
    return f"a markdown heading of level {len(mark.group(1))}"


def numbered_heading(page: Page, i: int) -> str | None:
    """Claim a numbered question, or `Step 1: ...` and its like, of at most twenty words."""
    line = page.lines[i]
    if line.n_words > 20:
        return None
    plain = line.raw.replace("*", "").strip()
    if _NUMBERED_QUESTION.match(plain):
        return "a numbered question"
    if _NUMBERED_PART.match(line.text) and not line.text.endswith((".", "!", "”", '"')):
        return "a numbered step or part"
    return None


def bold_heading(page: Page, i: int) -> str | None:
    """Claim a short line that is bold from end to end and does not end in a full stop."""
    line = page.lines[i]
    if (
        _BOLD_LINE.match(line.raw)
        and line.n_words <= 15
        and not line.text.rstrip("”\"'").endswith((".", "!", ",", ";"))
    ):
        return "a short line all in bold"
    return None


# --- what the neighbours show ----------------------------------------------------------------------------------------


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

    Evidence is a bare line with the name the sentence opens with, within three lines; or, in the last running text of
    the page, an occupation of someone whom the text names nowhere else.
    """
    line = page.lines[i]
    if page.last_prose is None or line.n_words > 90 or i < 2:
        return None
    after = page.n_prose_after(i)
    if after > 2:
        return None
    near = [k for k in range(max(i - _LOOK, 0), min(i + _LOOK + 1, len(page.lines))) if k != i]
    for k in near:
        name = page.lines[k]
        if _is_name(name.text) and line.key.startswith((name.key + " ", name.key + ",")) and BIO_ROLE.search(line.key):
            return f"a biography: opens with {name.text!r}, which stands alone nearby"
    opening = re.match(
        rf"[\W_]*({_PART}(?: {_PART}){{0,5}}?)(?: ?, ?[^,]{{3,80}},)? "
        r"(?:is|was|holds|has been|serves|covers|writes|teaches|reports)\b",
        line.text,
    )
    if opening and not after and BIO_ROLE.search(line.key):
        name_text = opening.group(1).strip()
        elsewhere = any(
            name_text.split()[-1].casefold() in other.key.split()
            for k, other in enumerate(page.lines)
            if k != i and other.is_prose and other.key != line.key
        )
        if (page.author and name_text.casefold() == page.author) or (_is_name(name_text) and not elsewhere):
            return f"a biography: an occupation of {name_text!r}, whom the text names nowhere else"
    return None


def opening_biography(page: Page, i: int) -> str | None:
    """Claim what the author is, told in the first two lines with a book, an account or a disclaimer."""
    line = page.lines[i]
    if i > 1 or line.n_words > 90 or not BIO_ROLE.search(line.key):
        return None
    opening = re.match(rf"({_PART}(?: {_PART}){{1,4}}?) ?(?:,| is an? | is the | \()", line.text)
    if not opening or not _is_name(opening.group(1).strip()):
        return None
    told = re.search(
        r"\b(?:(?:his|her|their) (?:\w+ )?(?:books?|novel|account) |author of |opinions?|views|twitter|@\w"
        r"|follow (?:him|her))",
        line.key,
    )
    return f"a biography: opens with {opening.group(1).strip()!r}, and a role" if told else None


def reachable_at(page: Page, i: int) -> str | None:
    """Claim a few words with an e-mail address among the last five lines of a page."""
    line = page.lines[i]
    found = _MAIL.search(line.key) if line.n_words <= 40 and i >= len(page.lines) - 5 else None
    return "an e-mail address at the end of the page" if found else None


def glued_link(page: Page, i: int) -> str | None:
    """Claim a link to another page: its label and headline with no space between, and no stop."""
    line = page.lines[i]
    found = _GLUED_LINK.match(line.text) if line.n_words <= 30 and not line.text.endswith((".", "”", '"')) else None
    return f"a link to other pages: the label {found.group()[:30]!r} is glued to its headline" if found else None


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
    if not plain or i != page.first_of_four_words or _BULLET.match(line.raw) or _ATX.match(line.raw):
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


# The order: what shows itself, what is marked, what the corpus shows, what the neighbours show.
RULES: tuple[tuple[str, Rule], ...] = (
    ("title", known_title),
    ("boilerplate", no_letters),
    ("boilerplate", code_or_markup),
    ("boilerplate", address),
    ("boilerplate", weather),
    ("boilerplate", date_or_time),
    ("caption", caption),
    ("caption", credited_caption),
    ("caption", players_caption),
    ("caption", dated_present),
    ("boilerplate", photo_credit),
    ("boilerplate", furniture_phrase),
    ("title", markdown_title),
    ("heading", markdown_heading),
    ("heading", numbered_heading),
    ("boilerplate", furniture_opening),
    ("boilerplate", furniture_wording),
    ("boilerplate", glued_link),
    ("boilerplate", recurs_across_documents),
    ("heading", bold_heading),
    ("boilerplate", byline),
    ("boilerplate", biography),
    ("boilerplate", opening_biography),
    ("boilerplate", reachable_at),
    ("boilerplate", lone_tag),
    ("title", opening_title),
    ("boilerplate", among_furniture),
    ("boilerplate", short_items),
    ("boilerplate", after_the_end),
    ("heading", short_heading),
    ("heading", question_heading),
    ("heading", lone_headline),
)
