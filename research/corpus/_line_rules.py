"""Rules on what a line shows by itself: furniture, captions, titles and headings that are marked, lines that recur."""

from __future__ import annotations

import re

from research.corpus._furniture import (
    ADDRESS,
    CAPTION_OPENING,
    CODE,
    CREDIT,
    CREDIT_OPENING,
    CREDITED_NAME,
    DATE_PARTS,
    DATED_PRESENT,
    GENERIC_HEADINGS,
    HIDE_CAPTION,
    LABELLED_PLACE,
    OPENINGS,
    PHOTO_PLACE,
    PHRASES,
    PICTURED,
    PLACED,
    PLACED_NOW,
    PLAYER_WORD,
    WEATHER,
    WORDINGS,
)
from research.corpus._page import MARKED, Page

__all__ = [
    "no_letters",
    "code_or_markup",
    "address",
    "weather",
    "date_or_time",
    "furniture_phrase",
    "furniture_opening",
    "furniture_wording",
    "glued_link",
    "recurs_across_documents",
    "caption",
    "credited_caption",
    "photo_credit",
    "players_caption",
    "placed_in_picture",
    "dated_present",
    "known_title",
    "title_within",
    "markdown_title",
    "markdown_heading",
    "numbered_heading",
    "bold_heading",
]

_LETTER = re.compile(r"[^\W\d_]")
_BOLD_LINE = re.compile(r"(?:\d+[.)]\s*)?(\*\*|__)(?=\S)[^*]+(?<=\S)\1\s*:?$|\*\*\d+[.)]\s[^*]+\*\*$")
_NUMBERED_QUESTION = re.compile(r"(?:(?:q(?:uestion)?\s*)?\d+\s*[.):]|q\s*[.:])\s.*\?$", re.IGNORECASE)
_NUMBERED_PART = re.compile(
    r"(?:step|part|chapter|section|phase|tip|question|fact|myth|reason|lesson|takeaway|day|scenario|option)\s+"
    r"(?:\d+|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten)\s*[:.–—-]\s*\S"
    r"|update at \d{1,2}(?::\d\d)? ?[ap]\.?m\b.{3,100}[:?]$",
    re.IGNORECASE,
)
_GLUED_LINK = re.compile(r"[\"“'‘]?[A-Z0-9][^.!?:]{2,60}:(?=[\"“'‘]?[A-Z]|[\"“'‘][a-z])\S")


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


def glued_link(page: Page, i: int) -> str | None:
    """Claim a link to another page: its label and headline with no space between, and no stop."""
    line = page.lines[i]
    found = _GLUED_LINK.match(line.text) if line.n_words <= 30 and not line.text.endswith((".", "”", '"')) else None
    return f"a link to other pages: the label {found.group()[:30]!r} is glued to its headline" if found else None


def recurs_across_documents(page: Page, i: int) -> str | None:
    """Claim a line that stands in several documents of the corpus that otherwise share little.

    Three documents, and one in a hundred of an outlet's, are enough for a short line; five, and one in twenty-five, for
    a sentence, since reports do repeat sentences of background.
    """
    line = page.lines[i]
    found = page.recurring.get(line.key)
    if found is None or line.bare in GENERIC_HEADINGS or MARKED.match(line.raw):
        return None
    documents, share = (5, 0.04) if line.ends else (3, 0.01)
    if found.n_documents < documents or found.share < share:
        return None
    return f"stands in {found.n_documents} documents that otherwise differ"


def caption(page: Page, i: int) -> str | None:
    """Claim a picture's caption or alternative text, marked as such."""
    line = page.lines[i]
    if line.raw.startswith("![") and line.raw.endswith(")"):
        return "a picture's alternative text"
    if line.n_words > 130:
        return None
    if found := (line.n_words <= 90 and CAPTION_OPENING.match(line.key)) or PHOTO_PLACE.match(line.key):
        return f"a caption: begins {found.group().strip()[:40]!r}"
    return None


def credited_caption(page: Page, i: int) -> str | None:
    """Claim text that ends in a photographer's or picture agency's credit."""
    line = page.lines[i]
    if "hide caption" in line.key and (found := HIDE_CAPTION.search(line.key)):
        return f"a caption: ends {found.group()!r}"
    if not 8 < line.n_words <= 60:
        return None
    found = CREDIT.search(line.key) or (None if line.ends else CREDITED_NAME.search(line.text))
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


def placed_in_picture(page: Page, i: int) -> str | None:
    """Claim a line that says where in a picture someone stands, or what is pictured.

    A sentence with its stop needs two such places, or one in a sentence in the present tense, or a label before it, or
    a caption beside it.
    """
    line = page.lines[i]
    if line.n_words > 70 or line.text.startswith(("“", '"', "‘", "'")):
        return None
    places = len(PLACED.findall(line.text))
    pictured = PICTURED.search(line.key)
    if not places and not pictured:
        return None
    beside = [page.kinds[k] for k in (i - 1, i + 1) if 0 <= k < len(page.lines)]
    shown = places >= 2 or PLACED_NOW.search(line.text) or LABELLED_PLACE.match(line.text) or "caption" in beside
    return "a caption: where in the picture it is" if shown or not line.ends else None


def known_title(page: Page, i: int) -> str | None:
    """Claim the title that the metadata give."""
    return "the title in the metadata" if page.title and page.lines[i].key == page.title else None


def title_within(page: Page, i: int) -> str | None:
    """Claim a first line with the page's title in its midst or at its end: a caption or section stands before it.

    Where the line begins with the title, what follows may be the first paragraph.
    """
    line = page.lines[i]
    if i or len(page.lines) < 3 or page.title.count(" ") < 3 or line.n_words > 130:
        return None
    before, found, after = line.key.partition(page.title)
    rest = after.split()
    if not found or not before.endswith(" ") or len(rest) > 40:
        return None
    if rest:
        following = line.text.split()[-len(rest)].lstrip("\"'“‘")
        if not after.startswith(" ") or not following[:1].isupper() or following[1:].isupper():
            return None
    return "the title in the metadata, below a caption or the name of a section"


def markdown_title(page: Page, i: int) -> str | None:
    """Claim the first heading of the first level in a markdown text, before any running text."""
    mark = MARKED.match(page.lines[i].raw)
    if not page.markdown or not mark or len(mark.group(1)) > 1:
        return None
    before = range(i)
    if any(page.kinds[k] == "title" or MARKED.match(page.lines[k].raw) or page.lines[k].is_prose for k in before):
        return None
    return "the markdown heading that opens the text"


def markdown_heading(page: Page, i: int) -> str | None:
    """Claim a line marked `#` in a markdown text, or `##` and deeper anywhere."""
    mark = MARKED.match(page.lines[i].raw)
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
