"""The report opens offline, shows every text as text, and is the same bytes for the same run."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser

import polars as pl
import pytest

from research.report import build_report, leading_findings

_HOSTILE = [
    "</script><script>alert(1)</script>", '" onmouseover="alert(2)', "<img src=x onerror=alert(3)>",
    "‮right to left‏ and &amp; 🎉", "{{ 7 * 7 }} {% raw %}", "<!-- <b>bold",
]  # fmt: skip


class _Page(HTMLParser):
    """What a browser would make of the page: its tags, their attributes, its texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        (self.scripts if self._inside == "script" else self.texts).append(data)


def _build(tables, plots, **changes):
    given = {
        "title": "A <study>", "tables": tables, "plots": plots, "findings": leading_findings(tables),
        "methods": "We read.", "provenance": {"inputs": {"a.txt": "ab" * 32}, "software": {"python": "3.11"}},
        "notes": ["Five documents say nothing about outlets."],
    }  # fmt: skip
    return build_report(**{**given, **changes})


@pytest.fixture(scope="module")
def page(tables, plots):
    text = _build(tables, plots)
    parsed = _Page()
    parsed.feed(text)
    return text, parsed


def test_nothing_is_loaded_from_anywhere(page):
    text, parsed = page
    for tag, attributes in parsed.tags:
        for name in ("src", "href", "srcset", "data", "action", "poster", "xlink:href"):
            value = attributes.get(name) or ""
            assert value.startswith(("#", "data:")) or not value, (tag, name, value[:80])
    assert not [tag for tag, _ in parsed.tags if tag in ("link", "iframe", "object", "embed", "base")]
    styles = " ".join(re.findall(r"<style>(.*?)</style>", text, re.S))
    assert "@import" not in styles and "url(" not in styles
    policy = [a["content"] for tag, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy and policy[0].startswith("default-src 'none'") and "http" not in policy[0]


def test_the_same_run_gives_the_same_bytes(tables, plots, page):
    assert _build(tables, plots) == page[0]


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes in page[1].tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for _, a in page[1].tags if (a.get("href") or "").startswith("#")}
    assert targets and targets <= set(ids)


def test_what_is_between_backticks_is_code_and_nothing_else_becomes_markup():
    page = _build({}, [], notes=["Set `stance.labels` <b>", "`<i>`"])
    assert "Set <code>stance.labels</code> &lt;b&gt;" in page and "<code>&lt;i&gt;</code>" in page


def test_text_of_the_corpus_stays_text(tables, plots):
    n = tables["paragraphs"].height
    texts = [_HOSTILE[i % len(_HOSTILE)] for i in range(n)]
    hostile = {
        **tables,
        "paragraphs": tables["paragraphs"].with_columns(text=pl.Series(texts), outlet=pl.Series(texts)),
        "themes": tables["themes"].with_columns(label=pl.lit(_HOSTILE[0])),
    }
    text = _build(hostile, plots[:1], title=_HOSTILE[2], findings=_HOSTILE, notes=_HOSTILE, methods=_HOSTILE[0])
    parsed = _Page()
    parsed.feed(text)
    assert not [a for _, a in parsed.tags if any(name.startswith("on") for name in a)]
    assert not [a for tag, a in parsed.tags if tag == "img" and a.get("src") == "x"]
    assert not [script for script in parsed.scripts if script.strip().startswith("alert")]
    shown = set(parsed.texts)
    assert set(_HOSTILE) <= shown
    # The same texts stand in the map, where plotly reads HTML out of JSON.
    data = next(script for script in parsed.scripts if "Plotly.newPlot(" in script and "hovertext" in script[-400_000:])
    call = data[data.rindex("Plotly.newPlot(") :]
    assert "<img" not in call and "\\u003cimg" not in call and "&lt;img" in json.loads(f'"{_hover(call)}"')


def _hover(call: str) -> str:
    start = call.index("onerror")
    return call[max(start - 40, 0) : start + 10].rpartition('"')[2].rpartition("\\u003cbr\\u003e")[2]


def test_tables_can_be_sorted_and_filtered_from_the_keyboard(page):
    text, parsed = page
    heads = [a for tag, a in parsed.tags if tag == "th"]
    buttons = re.findall(r'<th scope="col" aria-sort="none"[^>]*><button type="button"', text)
    assert heads and len(buttons) == len(heads)
    assert text.count('<input type="search"') == text.count('<details class="data"')


def test_a_long_table_is_cut_and_says_so(tables):
    units = pl.concat([tables["units"]] * 40)
    text = _build({"units": units}, [])
    assert text.count("<tr>") == 2_001
    assert f"The first 2,000 of {units.height:,} rows" in text


def test_missing_tables_leave_a_page_that_still_says_three_things():
    text = _build({}, [], notes=[])
    assert text.count("<li dir=") == 3 and "plotly" not in text.lower()


def test_every_figure_has_its_words(page, plots):
    images = [a for tag, a in page[1].tags if tag == "img"]
    assert [image["alt"] for image in images] == [plot.caption for plot in plots]


def test_what_is_written_on_a_figure_is_not_written_under_it_again(page, plots):
    captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", page[0], re.S)
    for plot, caption in zip(plots, captions, strict=False):
        assert caption and plot.caption.startswith(html.unescape(caption))
        assert plot.note not in html.unescape(caption), plot.name


def _card(axis, *rows):
    names = ("check", "value", "low", "high", "n", "gate", "passed", "note")
    return pl.DataFrame(
        [{"axis": axis, **dict(zip(names, row, strict=True))} for row in rows], infer_schema_length=None
    )


VALIDITY = pl.concat(
    [
        _card(
            "celebratory",
            ("texts: correlation with valence", -0.62, -0.8, -0.4, 63, "between -0.50 and 0.50", False, "<i>why</i>"),
            ("anchors: matched sets told apart", 1.0, 1.0, 1.0, 42, ">= 0.70", True, None),
            ("texts: correlation with subjectivity", None, None, None, 63, "between -0.50 and 0.50", None, "none"),
        ),
        _card("alarm", ("anchors: matched sets told apart", 0.9, 0.8, 1.0, 41, ">= 0.70", True, "fine")),
    ],
    how="vertical_relaxed",
)


def test_each_axis_has_its_card_and_failures_are_sentences(tables):
    text = _build({**tables, "validity": VALIDITY}, [])
    parsed = _Page()
    parsed.feed(text)
    shown = " ".join(parsed.texts)
    assert "1 of 2 checks passed. What failed:" in shown and "1 of 1 check passed." in shown
    assert "Texts: correlation with valence is −0.62, where between −0.50 and 0.50 is asked: <i>why</i>." in shown, (
        "as text, and in a sentence"
    )
    assert text.count('<details class="data" data-table="validity"') == 2 and 'href="#validity"' in text
    assert text.count('<input type="search"') == text.count('<details class="data"')


def test_without_a_card_there_is_no_section(page):
    assert 'id="validity"' not in page[0]
