"""Text that would be markup, a formula or a path anywhere else is text in the report, in figures, LaTeX and CSV."""

from __future__ import annotations

import io
import json
import re
import warnings
import zlib
from collections import Counter
from html.parser import HTMLParser

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from research._csv import plain_texts, safe_csv
from research.report import build_report, latex_table

HOSTILE = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>", "</style><style>*{display:none}", "<!-- <b>",
    '" onload="x', "' onclick='y", "]]><svg/onload=alert(3)>", "{{ 7*7 }}{% raw %}", "=1+1", "+1", "-1", "@SUM(A1)",
    "\t=2", "'=3", "$x$ and $\\frac{", "a & b % c # d _ e { f } g ~ h ^ i \\", "\u202eright to left\u202c\u200f",
    "zero\u200bwidth\ufeff",
    "🎉 👩‍👩‍👧 🇮🇳", "nul\x00bell\x07", "../../evil", "/etc/passwd", "line\nbreak\r\n", "<a href='javascript:z'>&lt;",
]  # fmt: skip
_MARKED = {"document_id", "outlet", "title", "text", "evidence", "theme", "label", "keyword", "keywords", "group",
           "paragraph_id", "representatives", "note", "reason"}  # fmt: skip


def _mark(value: str) -> str:
    return HOSTILE[zlib.crc32(value.encode()) % len(HOSTILE)] + value


# DejaVu Sans has no emoji; a box is drawn.
pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing")


@pytest.fixture(scope="module")
def hostile(tables):
    """Give the made-up study with hostile text wherever a file of the user's could bring it."""
    given = {}
    for name, table in tables.items():
        columns = [column for column in table.columns if column in _MARKED and table[column].dtype == pl.String]
        keep = pl.col("group_by") == "all" if "group_by" in table.columns else pl.lit(False)
        given[name] = table.with_columns(
            pl.when(keep & pl.lit(column == "group")).then(pl.col(column)).otherwise(
                pl.col(column).map_elements(_mark, return_dtype=pl.String)
            ).alias(column)
            for column in columns
        )  # fmt: skip
    return given


@pytest.fixture(scope="module")
def hostile_plots(synthetic, hostile):
    targets = {name: _mark(label) for name, label in synthetic.TARGET_LABELS.items()}
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setattr(synthetic, "TARGET_LABELS", targets)
        plots = synthetic.all_plots(hostile)
        for plot in plots:
            plot.render("svg", dpi=60)
        return plots


class _Elements(HTMLParser):
    """The elements of a page, the names of their attributes, what scripts hold, and the text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements[tag, tuple(sorted(name for name, _ in attrs))] += 1
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        (self.scripts if self._inside == "script" else self.texts).append(data)


def _page(tables, plots, words):
    return build_report(
        title=words[0], tables=tables, plots=plots, findings=words, methods=" ".join(words),
        provenance={"inputs": {word: word for word in words}}, notes=words,
    )  # fmt: skip


def test_a_hostile_page_has_the_elements_of_a_harmless_one(tables, plots, hostile, hostile_plots):
    harmless = _Elements(_page(tables, plots, [f"word {i}" for i in range(len(HOSTILE))]))
    page = _Elements(_page(hostile, hostile_plots, HOSTILE))
    assert page.elements == harmless.elements
    assert not any(name.startswith("on") for _, names in page.elements for name in names)
    assert len(page.scripts) == len(harmless.scripts)
    shown = {text.replace("\r\n", "\n") for text in page.texts}
    for word in HOSTILE:
        assert word.replace("\r\n", "\n") in shown


def test_the_maps_data_cannot_close_their_script(hostile, hostile_plots):
    page = _Elements(_page({name: hostile[name] for name in ("paragraphs", "map", "themes")}, hostile_plots, HOSTILE))
    (script,) = [script for script in page.scripts if '"map-of-paragraphs"' in script[-400_000:]]
    start = script.rindex("Plotly.newPlot(")
    traces, _ = json.JSONDecoder().raw_decode(script, script.index("[", start))
    texts = [text for trace in traces for text in trace["hovertext"]]
    assert any("&lt;img src=x onerror" in text for text in texts)
    assert {tag for text in texts for tag in re.findall(r"<[^>]*>", text)} <= {"<b>", "</b>", "<br>"}
    assert not any("<" in trace["name"] for trace in traces)


def test_no_text_is_read_as_a_formula_by_a_figure(hostile_plots):
    drawn = [text for plot in hostile_plots for text in plot.figure.findobj(Text) if text.get_text()]
    assert not re.search("[\x00\u202e\u200b]", " ".join(text.get_text() for text in drawn))
    dollars = [text for text in drawn if "$" in text.get_text()]
    assert dollars and not any(text.get_parse_math() for text in dollars)


def test_every_figures_numbers_come_back_from_their_csv(hostile_plots, tmp_path):
    from research.figures import remake

    for plot in hostile_plots:
        path = tmp_path / f"{plot.name}.csv"
        path.write_text(safe_csv(plot.data), encoding="utf-8", newline="")
        assert remake(plot.name, path).data.equals(plot.data), plot.name


def test_latex_has_no_command_of_a_texts_own():
    table = latex_table(pl.DataFrame({"a": HOSTILE}), ["a"], "$x$ & \\input{y}", "tab:a")
    body = table.split("\\midrule\n")[1].split("\\bottomrule")[0]
    assert len(body.strip().splitlines()) == len(HOSTILE)
    known = {
        rf"\text{name}" for name in ("backslash", "asciitilde", "asciicircum", "less", "greater", "bar", "quotedbl")
    }
    assert set(re.findall(r"\\[a-zA-Z]+", body)) <= known
    assert not re.search(r"(?<!\\)[$&%#_]", body.replace("\\\\", ""))
    assert not re.search("[\x00-\x09\x0b-\x1f\u200b\u202a-\u202e\u2066-\u2069]", table)
    assert r"\caption{\$x\$ \& \textbackslash{}input\{y\}}" in table


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(HOSTILE)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.lists(_TEXTS | st.none(), min_size=1, max_size=8), _TEXTS.filter(lambda name: name not in ("", "n")))
def test_any_text_comes_back_from_a_csv(texts, heading):
    frame = pl.DataFrame({"n": [str(i) for i in range(len(texts))], heading: pl.Series(texts, dtype=pl.String)})
    cells = pl.read_csv(io.BytesIO(safe_csv(frame).encode()), infer_schema=False)
    assert plain_texts(cells).equals(frame)
    assert not any(cell and cell[0] in "=+-@\t\r\n" for cell in [*cells.columns, *cells.to_series(1).to_list()])


@settings(derandomize=True, deadline=None, max_examples=40)
@given(_TEXTS, _TEXTS)
def test_no_text_makes_an_element(one, other):
    def page(one, other):
        units = {"document_id": [one], "line": [0], "kind": ["title"], "reason": [other], "text": [one]}
        return build_report(
            title=one, tables={"units": pl.DataFrame(units)}, plots=[], findings=[one, other], methods=other,
            provenance={one: other}, notes=[other],
        )  # fmt: skip

    made = _Elements(page(one, other))
    assert made.elements == _Elements(page("plain", "text")).elements
    assert len(made.scripts) == 1
