"""What the figures show: every label whole and apart from others, the right numbers, and words where numbers lack."""

from __future__ import annotations

import polars as pl
import pytest

from research import figures
from research.errors import InputError
from research.figures._style import styled

_SIZES = {
    "five documents": {},
    "many": {"n_documents": 200, "n_paragraphs": 1000, "n_themes": 40},
    "one paragraph": {"n_documents": 1, "n_paragraphs": 1, "n_themes": 1},
    "no themes, no targets": {"themed": False, "targets": ()},
    "no theme table": {"n_themes": 0, "targets": ("china",)},
}


def _texts(plot):
    """Give what is written on a figure, with where it stands in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    with styled():
        renderer = FigureCanvasAgg(plot.figure).get_renderer()
        idle = set()
        for axes in plot.figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                used = axis._update_ticks() if axes.axison and axes.get_visible() else []
                inside = {text for tick in used for text in tick.findobj(Text)}
                inside |= {axis.label, axis.offsetText} if axes.axison else set()
                idle |= set(axis.findobj(Text)) - inside
        return [
            (text.get_text(), text.get_window_extent(renderer), text.get_rotation())
            for text in plot.figure.findobj(Text)
            if text.get_text().strip() and text.get_visible() and text not in idle
            and (text.axes is None or text.axes.get_visible())
        ]  # fmt: skip


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("size", _SIZES)
def test_nothing_written_is_clipped_or_covered(synthetic, size, columns):
    for plot in synthetic.all_plots(synthetic.study(**_SIZES[size]), columns):
        page = plot.figure.bbox
        texts = _texts(plot)
        for words, box, _ in texts:
            assert min(box.x0, box.y0) > -1, (plot.name, words)
            assert box.x1 < page.width + 1 and box.y1 < page.height + 1, (plot.name, words)
        flat = [(words, box) for words, box, angle in texts if angle == 0]
        for i, (one, a) in enumerate(flat):
            for other, b in flat[i + 1 :]:
                # A pixel or two of leading at 150 dots an inch is no collision.
                across = min(a.x1, b.x1) - max(a.x0, b.x0)
                along = min(a.y1, b.y1) - max(a.y0, b.y0)
                assert not (across > 2.5 and along > 2.5), (plot.name, one, other)


def test_shares_are_those_of_the_paragraphs(tables):
    plot = figures.theme_shares_by_document(tables["paragraphs"], tables["themes"], tables["documents"])
    each = plot.data.filter(pl.col("document").is_not_null())
    assert each.group_by("document").agg(pl.col("share").sum())["share"].round(9).unique().to_list() == [1.0]
    assert each["n_paragraphs"].sum() == tables["paragraphs"].height
    mine = tables["paragraphs"].filter(document_id="000")
    row = each.filter(document="000", theme="theme_00")
    assert row["share"].item() == pytest.approx((mine["theme"] == "theme_00").sum() / mine.height)


def test_what_is_left_out_of_a_large_corpus_is_said_and_not_lost(synthetic):
    tables = synthetic.study(**_SIZES["many"])
    shares = figures.theme_shares_by_document(tables["paragraphs"], tables["themes"], tables["documents"])
    assert "12 documents with the most paragraphs" in shares.caption
    assert shares.data.filter(pl.col("document").is_not_null())["n_paragraphs"].sum() == tables["paragraphs"].height
    framing = figures.framing_by_document(tables["estimates"], tables["documents"])
    assert "Of 200 documents" in framing.caption
    assert framing.data.filter(row="one").height + framing.data.filter(row="others")["n_documents"].item() == 200
    assert "of 200 documents" in figures.article_lines(tables["paragraphs"]).caption


def test_few_documents_are_told_in_the_words_of_the_estimates(tables):
    plot = figures.framing_by_document(tables["estimates"], tables["documents"])
    note = "2 documents against 3 cannot give a p-value below 0.1"
    assert note in plot.caption
    assert note in " ".join(words.replace("\n", " ") for words, *_ in _texts(plot))


def test_a_dollar_sign_opens_no_formula(tables):
    texts = [words for words, *_ in _texts(figures.keywords_by_theme(tables["keywords"], tables["themes"]))]
    assert "$ payments" in texts
    plot = figures.framing_by_document(
        tables["estimates"], tables["documents"].with_columns(outlet=pl.lit(r"$\frac{1}{$ _ ^"))
    )
    assert plot.render("svg")


def test_documents_are_named_by_what_tells_them_apart(tables):
    plot = figures.framing_by_document(tables["estimates"], tables["documents"])
    labels = plot.data.filter(row="one")["label"].to_list()
    assert len(set(labels)) == 5
    assert any(label.startswith("The Daily Ledger (") for label in labels) and "001" in labels


def test_stance_shares_and_means(tables):
    data = figures.stance_by_target(tables["paragraphs"], tables["estimates"]).data
    total = data.select(pl.sum_horizontal("against", "neutral", "favor", "absent")).to_series()
    assert total.round(9).to_list() == [1.0] * 5
    own = figures.stance_by_target(tables["paragraphs"]).data.filter(target="india")
    assert own["mean"].item() == pytest.approx(tables["paragraphs"]["stance_india_score"].mean())
    assert own["low"].item() is None


def test_a_table_without_its_columns_is_refused(tables):
    with pytest.raises(InputError, match=r"`map`.*x, y"):
        figures.theme_map(tables["paragraphs"], tables["map"].select("paragraph_id"))
