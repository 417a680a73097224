"""What a line is, by general rules; made-up pages."""

from __future__ import annotations

import time

import pytest

from research.corpus._segment import Source, Unit, segment

KNOWN = {"outlet": "unknown", "date": "unknown", "title": "unknown", "url": "unknown"}
PROSE = (
    "The council voted on Tuesday to close the old bridge until engineers have looked at its piers.",
    "Residents of both banks had asked for the repair since the flood of last spring, officials said.",
    "“We have waited long enough,” the mayor said.",
    "The work is to begin in the autumn and will take about a year, according to the town's plan.",
)


def units(*lines: str, document_id: str = "a", **metadata: str) -> list[Unit]:
    return segment([Source(document_id, "\n\n".join(lines), {**KNOWN, **metadata})])[0]


def kinds(*lines: str, **metadata: str) -> list[str]:
    return [unit.kind for unit in units(*lines, **metadata)]


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "Read more: Bridge to close for a year",
        "READ MORE",
        "Trending Now",
        "Post Comment",
        "Sign up for our newsletter and never miss a story.",
        "Follow us on Facebook",
        "23 °C",
        "Tuesday, March 4, 2025",
        "Updated at 9:15 p.m. ET",
        "5 hours ago",
        "* * *",
        "{",
        "https://example.org/a/b.html",
        "/media/2025/bridge.jpg)",
        "<div class='share'>",
        "Copyright © 2024 Example Media. All rights reserved.",
        "Ann Smith and Bo Lee contributed to this report.",
        "Jane Doe/Getty Images",
        "12 comments",
        "+ posts",
        "The opinions expressed by columnists are their own.",
        "bridge",
    ],
)
def test_furniture_is_boilerplate(line: str) -> None:
    assert kinds(PROSE[0], PROSE[1], line, PROSE[3])[2] == "boilerplate"


@pytest.mark.parametrize(
    "line",
    [
        "“We will not.”",
        "But that is not all.",
        "Why now?",
        "PARIS (AP) — The bridge will close on Monday, the minister said.",
        "(CNN) The bridge will close on Monday.",
        "Watch the river long enough, the fishermen say, and it tells you when the bridge will go.",
        "Sharing the cost was never discussed, the two governments said in a joint statement on Monday.",
        "The report, published by the ministry, may be read online; the images by a local artist are in its annex.",
        "The privacy policy of the company has been criticised by members of both parties for a decade.",
        "A third of those asked had heard of the bridge before it was closed, according to a Reuters/Ipsos poll.",
        "Also on the ballot: a bond for the repair of the bridge and of two more across the river.",
        "Photographs by soldiers, sent to the media by relatives, show the bridge before it fell into the river.",
        "the mayor and her two deputies left the hall",
        "- The bridge will close for a year.",
        "He told the council that “the state of the bridge, which nobody disputes, is a disgrace” and left the room",
    ],
)
def test_text_is_kept(line: str) -> None:
    assert kinds(PROSE[0], PROSE[1], line, PROSE[3])[2] == "paragraph"


def test_titles_and_headings_of_plain_text() -> None:
    page = ["Old Bridge to Close for a Year", PROSE[0], "What the engineers found", PROSE[1], "THE COST", PROSE[3]]
    assert kinds(*page) == ["title", "paragraph", "heading", "paragraph", "heading", "paragraph"]


def test_known_title_is_found_whatever_its_form() -> None:
    assert kinds("“Enough,” says the mayor.", PROSE[0], title='"Enough," Says the Mayor.')[0] == "title"


def test_markdown() -> None:
    found = units(
        "# Old bridge to close", PROSE[0], "## Why", "The **old** [bridge](https://example.org/x) is *weak*.",
        "1. **When will it open?**", "- It opens in a year, says the town.", "*Alt text: the bridge at dusk*",
    )  # fmt: skip
    assert [unit.kind for unit in found] == [
        "title", "paragraph", "heading", "paragraph", "heading", "paragraph", "caption"
    ]  # fmt: skip
    assert found[3].text == "The old bridge is weak."
    assert found[5].text == "It opens in a year, says the town."


def test_biography_needs_more_than_an_occupation() -> None:
    source = "Jane Doe is a professor of engineering at the town's university."
    assert (
        kinds(*PROSE[:2], source, "Doe said the piers were weak, and had been for years.", PROSE[3])[2] == "paragraph"
    )
    assert kinds(*PROSE, source)[4] == "boilerplate"
    assert kinds(*PROSE, "Jane Doe", source)[4:] == ["boilerplate", "boilerplate"]


def test_texts_of_a_line_are_paragraphs() -> None:
    found = segment([Source(name, f"Bridge number {name} closes", KNOWN) for name in "abc"])
    assert [units[0].kind for units in found] == ["paragraph"] * 3


def test_lines_of_many_documents_are_furniture_but_reprints_are_not() -> None:
    slogan = "Your town, your paper, every day of the week."
    subjects = ["harbour", "school", "market", "theatre", "station", "library"]
    text = "The {0} was closed on Monday by order of the mayor.\nThe {0} reopens next year, she said.\n{1}"
    pages = [Source(word, text.format(word, slogan), KNOWN) for word in subjects]
    assert [units[-1].kind for units in segment(pages)] == ["boilerplate"] * 6
    reprints = [Source(word, "\n".join(PROSE), KNOWN) for word in subjects]
    assert {unit.kind for found in segment(reprints) for unit in found} == {"paragraph"}


def test_repeats_are_counted_on_the_first() -> None:
    changed = PROSE[3].replace("about", "around")
    long = PROSE[3] + " " + PROSE[1]
    found = units(PROSE[0], long, PROSE[0].upper(), long.replace("about", "around"), changed)
    assert [unit.kind for unit in found] == ["paragraph", "paragraph", "repeat", "repeat", "paragraph"]
    assert [unit.n_printed for unit in found[:2]] == [2, 2]


def test_order_of_documents_does_not_matter_and_every_line_has_a_reason() -> None:
    pages = [Source(name, "\n".join([*PROSE, name, "Read more"]), KNOWN) for name in "abcd"]
    there = dict(zip("abcd", segment(pages), strict=True))
    back = dict(zip("dcba", segment(pages[::-1]), strict=True))
    assert there == back
    assert all(unit.reason for found in there.values() for unit in found)


_TEXT = "The council voted on the plan after a long debate, and its members said they would meet again in the spring."


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("CLOSE Speaking in Lima, the minister outlined steps that would help the port.", "caption"),
        ("Dockers march past the town hall in Lima, Peru, on Monday, March 2, 2020, against the plan.", "caption"),
        ("A crane stands idle at the port of Lima. [Ana Ruiz/Harbour News]", "caption"),
        ("Opinion:The port deserves a better plan than this one", "boilerplate"),
        ("Correction: The name of the port was spelled wrongly.", "boilerplate"),
        ("Let us know what you think of the plan at desk@example.org.", "boilerplate"),
        ("Ana Ruiz, a reporter in Lima for ten years, is the author of a book on its docks.", "boilerplate"),
        ("The council could still strike the plan down before spring comes", "heading"),
        ("Dockers marched past the town hall in Lima on Monday, March 2, 2020, against the plan.", "paragraph"),
        ("The plan was simple: The port would be sold.", "paragraph"),
        ("They wrote to the mayor and asked what had become of the money for the docks.", "paragraph"),
        ("The port is ours — Dockers of Lima (@dockers) March 2, 2020", "paragraph"),
    ],
)
def test_what_stands_between_and_after_running_text(line: str, kind: str) -> None:
    last = line.startswith(("Let us", "Ana"))
    body = [_TEXT.replace("council", word) for word in ("board", "senate", "assembly", "union", "committee", "panel")]
    lines = [*body, line] if last else [*body[:5], line, body[5]]
    unit = units(*lines)[len(lines) - 1 if last else 5]
    assert (unit.kind, unit.text) == (kind, line)


def test_two_questions_above_running_text_are_headings_and_one_is_not() -> None:
    asked = (PROSE[0], "Why did the council vote?", PROSE[1], "What happens next?", PROSE[3])
    assert kinds(*asked) == ["paragraph", "heading", "paragraph", "heading", "paragraph"]
    assert kinds(*asked[:3]) == ["paragraph"] * 3


@pytest.mark.parametrize("word", ["Ab", "ab ", "Ab, ", "a.b", "Ab-"])
def test_a_very_long_line_takes_no_time_that_grows_with_its_square(word: str) -> None:
    start = time.perf_counter()
    units(_TEXT, word * 20_000, _TEXT.replace("plan", "budget"))
    assert time.perf_counter() - start < 20
