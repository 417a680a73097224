"""Captions, links and biographies that look like sentences, and sentences that look like them; made-up pages."""

from __future__ import annotations

import pytest

from tests.corpus.test_segment import PROSE, kinds, units

NOUNS = ("board", "senate", "assembly", "union", "committee", "panel", "college", "parish")
BODY = tuple(f"The {noun} of the town voted on the new port after a long debate on Monday." for noun in NOUNS)
TITLE = "The port that nobody asked for"


def within(line: str) -> str:
    """Say what a line is that stands in the middle of a page."""
    return kinds(*BODY[:6], line, *BODY[6:])[6]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Cranes stand idle at the port on a day in March. (Ana Ruiz/for the Harbour News)", "caption"),
        ("Cranes stand idle at the port on a day in March. Ana Ruiz for HARBOUR", "caption"),
        ("Cranes stand idle at the port on a day in March. | Illustration by Ana Ruiz", "caption"),
        ("How much grain goes through the port, in tons a year Source: Port of Lima", "caption"),
        (
            "Cranes at work. Hide Caption 1 of 2 " + "A crane is raised above the port. " * 12 + "Hide Caption 2 of 2",
            "caption",
        ),
        ("https://example.org/a — Ana Ruiz (@ana) March 2, 2020", "boilerplate"),
        ("The whole report of the panel: https://example.org/report", "boilerplate"),
        ("( QUIZ: How well do you know the port?)", "boilerplate"),
        ("Interested in Ports? Stay up to date on the latest port news from us. Add Interest", "boilerplate"),
        ("Port authority:US ships will come no more, pilots say", "boilerplate"),
        ("Port in doubt: Why the panel wants to hear the pilots again before it votes", "heading"),
        ("They thought of the piers (and of the cranes/hoists)", "heading"),
        ("It's ours — Ana Ruiz (@ana) March 2, 2020", "paragraph"),
        ("The panel heard from the pilots via Skype (and later in person).", "paragraph"),
        ("“Port in doubt” was what the papers wrote when they heard of it, and they were right.", "paragraph"),
    ],
)
def test_lines_between_sentences(line: str, kind: str) -> None:
    assert within(line) == kind


def test_a_first_line_in_which_the_title_stands() -> None:
    caption = "Cranes stand idle in the rain."
    assert kinds(f"{caption} {TITLE}", *BODY, title=TITLE)[0] == "title"
    assert kinds(f"{caption} {TITLE} Pilots were not heard.", *BODY, title=TITLE)[0] == "title"
    assert kinds(f"{TITLE} {BODY[0]}", *BODY[1:], title=TITLE)[0] == "paragraph"
    assert kinds(f"It is {TITLE.lower()}, says the union.", *BODY, title=TITLE)[0] == "paragraph"
    assert kinds(*BODY, f"{caption} {TITLE}.", title=TITLE)[-1] == "paragraph"


def test_sentences_printed_twice_in_a_row_are_captions_unless_the_whole_page_is_doubled() -> None:
    shown = [f"Workers look at crane number {number} in the port." for number in ("one", "two", "three")]
    doubled = [line for each in shown for line in (each, each)]
    assert kinds(*BODY[:4], *doubled, *BODY[4:])[4:10] == ["caption", "repeat"] * 3
    assert kinds(*(line for each in BODY for line in (each, each))) == ["paragraph", "repeat"] * len(BODY)
    assert kinds(*BODY[:4], *doubled[:4], *BODY[4:])[4:8] == ["paragraph", "repeat"] * 2


def test_links_below_their_label() -> None:
    links = ("Panel to hear the pilots of the port again", "Who pays for the cranes?", "Why the union said no")
    assert kinds(*BODY[:5], "Read more:", *links, *BODY[5:])[5:9] == ["boilerplate"] * 4
    label = "More about the debate on the port:"
    assert kinds(*BODY[:5], label, *links, *BODY[5:])[5:9] == ["boilerplate"] * 4
    assert kinds(*BODY[:5], "Read more", BODY[5], *BODY[6:])[6] == "paragraph"
    assert kinds(*BODY[:5], "Read more", "What was the panel to do?", *BODY[5:])[6] == "paragraph"


def test_lines_without_their_stop_are_captions_where_a_page_has_many() -> None:
    shown = [f"The {noun} was shown the cranes of the port by its pilots on the morning of that day" for noun in NOUNS]
    page = [line for pair in zip(BODY, shown, strict=True) for line in pair] + [PROSE[0]]
    assert kinds(*page) == ["paragraph", "caption"] * len(BODY) + ["paragraph"]
    assert kinds(*page[:7], PROSE[0]) == ["paragraph"] * 8
    going_on = [line.replace("The ", "It said that the ", 1) if line in shown else line for line in page]
    assert kinds(*going_on) == ["paragraph"] * len(page)


def test_lines_in_a_row_above_the_text_sum_it_up() -> None:
    summary = (
        "The panel wants to hear the pilots again",
        "Nobody has yet said who is to pay for the cranes of the port",
    )
    found = kinds("The Port in Doubt", "Panel votes today on the plan for the port", *summary, *BODY)
    assert found[:4] == ["title", "paragraph", "paragraph", "paragraph"]


@pytest.mark.parametrize(
    ("line", "place", "kind"),
    [
        ("Ana Ruiz is a reporter in Lima.", 0, "boilerplate"),
        ("Ana Ruiz (@ana) is a professor of law at the college and writes about ports.", 8, "boilerplate"),
        ("Ana Ruiz is expected to write to the director of the port.", 0, "paragraph"),
        ("Ana Ruiz was sworn in as director of the port.", 7, "paragraph"),
    ],
)
def test_biographies_before_and_after_the_text(line: str, place: int, kind: str) -> None:
    assert units(*BODY[:place], line, *BODY[place:])[place].kind == kind


def test_a_biography_needs_a_name_that_the_text_does_not_tell_of() -> None:
    assert (
        kinds("Ana Ruiz is a reporter in Lima.", *BODY[:4], "Ruiz’s paper was the first to ask.", *BODY[4:])[0]
        == "paragraph"
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("This is a developing story. Some of what is reported early will turn out to be wrong.", "boilerplate"),
        ("The page will be updated as the panel votes, and early reports may be inaccurate.", "boilerplate"),
        ("Note: This conversation has been condensed and lightly edited.", "boilerplate"),
        ("You can contact us via Signal, WhatsApp or voicemail at 555-0100.", "boilerplate"),
        ("Email us at [email protected] with what you know of the port.", "boilerplate"),
        ("— Ana Ruiz contributed reporting.", "boilerplate"),
        ("--With assistance from Ana Ruiz and Bo Lee.", "boilerplate"),
        ("This story corrects that the port was built in 1991.", "boilerplate"),
        ("[Here’s what we know of the port and of its cranes.]", "boilerplate"),
        ("Cranes, drawn: a tour through the works of Ana Ruiz. (Click to view gallery.)", "boilerplate"),
        ("⦁ Ana Ruiz reported from Lima.", "boilerplate"),
        ("This appears in the March 2, 2020 issue of Harbour.", "boilerplate"),
        ("[Watch Harbour: Dr. Ana Ruiz, the pilot, speaks of the cranes.]", "boilerplate"),
        ("Photograph of the port by Ana Ruiz/Harbour/Getty Images.", "caption"),
        ("Featured image: Cranes stand idle at the port.", "caption"),
        ("Ana Ruiz (left), who pilots ships, with Bo Lee (right) at the port", "caption"),
        ("Ana Ruiz, left, and Bo Lee, right.", "caption"),
        ("Ana Ruiz, right, greets the pilots of the port on Monday.", "caption"),
        ("Pilots: Ana Ruiz (left) came in March and went in May of the same year.", "caption"),
        ("The crane (pictured above) was put up in a single night of last March", "caption"),
        ("Update at 9:15 a.m. ET. More On The Vote:", "heading"),
        ("The crane (pictured above) was put up in a single night of last March.", "paragraph"),
        ("Gov. Ana Ruiz (R) and Gov. Bo Lee (R) said that they were to close the port.", "paragraph"),
        ("Gains were large (top left) where the losses were small (bottom right).", "paragraph"),
        ("The panel left, and Lee, right or wrong, was alone with the pilots.", "paragraph"),
        ("Early reports of the panel told of a port that nobody had asked for.", "paragraph"),
        ("He reported from Lima for many years, and knows the port.", "paragraph"),
        ("“It’s a developing story, and we hear the pilots again,” she said.", "paragraph"),
    ],
)
def test_notes_and_captions_between_sentences(line: str, kind: str) -> None:
    assert within(line) == kind


def test_items_in_the_form_of_headlines_are_links_outside_the_text_or_beside_furniture() -> None:
    items = ("- Panel looms over the port", "- Harbour Talk: Pilots tell of cranes", "- Check out the map of the port")
    assert kinds(TITLE, *items, *BODY)[1:4] == ["boilerplate"] * 3
    assert kinds(*BODY, *items)[-3:] == ["boilerplate"] * 3
    assert kinds(*BODY[:5], "Trending now", *items, *BODY[5:])[6:9] == ["boilerplate"] * 3
    assert kinds(*BODY[:5], *items, *BODY[5:])[5:8] == ["paragraph"] * 3
    lower = [item.lower() for item in items]
    assert kinds(TITLE, *lower, *BODY)[2:4] == ["paragraph"] * 2


def test_prompts_between_furniture() -> None:
    prompt = ("Advertisement", "Be Heard:", "Do you think that the port should be closed?", "Vote now", "Share")
    assert kinds(*BODY[:5], *prompt[:2], *prompt[3:], *BODY[5:])[6] == "boilerplate"
    assert kinds(*BODY[:5], prompt[0], prompt[2], prompt[4], *BODY[5:])[6] == "boilerplate"
    assert kinds(*BODY[:5], prompt[2], *BODY[5:])[5] == "paragraph"


def test_a_pull_quote_is_printed_again_in_the_text() -> None:
    quote = "We have told the panel that no ship will come to this port again as long as the cranes stand"
    said = f"“{quote},” the pilot said on Monday."
    assert kinds(*BODY[:5], quote, BODY[5], said, *BODY[6:])[5] == "boilerplate"
    assert kinds(*BODY[:5], f"“{quote}” — Ana Ruiz", BODY[5], said, *BODY[6:])[5] == "boilerplate"
    assert kinds(*BODY[:5], f"{quote} Ana Ruiz, pilot", BODY[5], said, *BODY[6:])[5] == "boilerplate"
    assert kinds(*BODY[:5], f"{quote} — Ana Ruiz (@ana) March 2, 2020", BODY[5], said, *BODY[6:])[5] == "paragraph"
    other = "“We have told the panel that ships are late and that the cranes are old and slow,” — Ana Ruiz"
    assert kinds(*BODY[:5], other, BODY[5], said, *BODY[6:])[5] == "paragraph"


def test_biographies_of_several_authors_and_of_writers() -> None:
    several = (
        "Ana Ruiz is the E. H. Professor of Law at the college, a visiting fellow at the institute and the author of a "
        "book. Bo Lee is an attorney in Lima. They met at the port, and wrote of its cranes for many years."
    )
    assert kinds(*BODY, "Advertisement", several)[-1] == "boilerplate"
    assert kinds(*BODY, "The Rev. Ana Ruiz is senior counsel at the college.", "Share")[8] == "boilerplate"
    assert kinds(*BODY, "Ana Ruiz and Bo Lee are professors of law at the college.")[-1] == "boilerplate"
    told = (*BODY[:4], "Ruiz was asked.", "Ruiz was heard by the panel again.", *BODY[4:])
    assert kinds(*told, "Ana Ruiz is a columnist at the Harbour News.")[-1] == "boilerplate"
    assert kinds(*told, "Ana Ruiz is a professor of law at the college.")[-1] == "paragraph"
