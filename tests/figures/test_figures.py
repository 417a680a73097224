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
    plot = figures.theme_shares_by_document(tables["estimates"], tables["themes"], tables["documents"])
    each = plot.data.filter(pl.col("document").is_not_null())
    once = tables["paragraphs"].filter(pl.col("duplicate_of").is_null())
    assert once.height < tables["paragraphs"].height
    assert each.group_by("document").agg(pl.col("share").sum())["share"].round(9).unique().to_list() == [1.0]
    assert each["n_paragraphs"].sum() == once.height
    mine = once.filter(document_id="003")
    row = each.filter(document="003", theme="theme_00")
    assert row["share"].item() == pytest.approx((mine["theme"] == "theme_00").sum() / mine.height)


def test_what_is_left_out_of_a_large_corpus_is_said_and_not_lost(synthetic):
    tables = synthetic.study(**_SIZES["many"])
    shares = figures.theme_shares_by_document(tables["estimates"], tables["themes"], tables["documents"])
    once = tables["paragraphs"].filter(pl.col("duplicate_of").is_null())
    assert "12 documents with the most paragraphs" in shares.caption
    assert shares.data.filter(pl.col("document").is_not_null())["n_paragraphs"].sum() == once.height
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
    once = tables["paragraphs"].filter(pl.col("duplicate_of").is_null())
    own = figures.stance_by_target(tables["paragraphs"]).data.filter(target="india")
    assert own["mean"].item() == pytest.approx(once["stance_india_score"].mean())
    assert own["n_paragraphs"].item() == once["stance_india_score"].count()
    assert own["low"].item() is None


def test_printed_paragraphs_count_as_often_as_they_are_printed(tables):
    printed = figures.stance_by_target(tables["paragraphs"], repeats="printed")
    spoken = tables["paragraphs"].filter(pl.col("stance_india_score").is_not_null())
    weight = spoken["n_printed"]
    own = printed.data.filter(target="india")
    assert own["n_paragraphs"].item() == weight.sum() > spoken.height
    assert own["mean"].item() == pytest.approx((spoken["stance_india_score"] * weight).sum() / weight.sum())
    assert f"n = {tables['paragraphs']['n_printed'].sum()} paragraphs" in printed.caption


def _changed(tables, quantity, group_by, **values):
    mine = (pl.col("quantity") == quantity) & (pl.col("group_by") == group_by)
    return tables["estimates"].with_columns(
        pl.when(mine).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in values.items()
    )


def test_captions_say_what_the_intervals_cover_and_nothing_else(tables):
    only = _changed(tables, "stance", "document", uncertainty_sources="anchors")
    assert "95% intervals over anchors." in figures.stance_by_document(only).caption
    mixed = only.with_columns(
        uncertainty_sources=pl.when((pl.col("quantity") == "stance") & (pl.col("group") == "003"))
        .then(pl.lit("anchors;wind")).otherwise(pl.col("uncertainty_sources"))
    )  # fmt: skip
    assert "over anchors and wind only)" in figures.stance_by_document(mixed).caption
    shares = _changed(tables, "theme_share", "all", uncertainty_sources="moon")
    assert "intervals over moon." in figures.theme_shares_by_document(shares, tables["themes"]).caption
    assert "anchors and" not in figures.article_lines(tables["paragraphs"]).caption


def test_a_share_interval_that_spans_everything_is_left_out_and_said(tables):
    changed = _changed(tables, "theme_share", "all", low=1e-70, high=0.9999)
    plot = figures.theme_shares_by_document(changed, tables["themes"])
    assert plot.data["low"].null_count() == plot.data.height
    assert "too wide to tell anything" in plot.caption and "Bars:" not in plot.caption


def test_the_zero_of_the_framing_scale_is_that_of_its_anchors(tables):
    for plot in (figures.framing_by_document(tables["estimates"]), figures.framing_by_theme(tables["estimates"])):
        assert "0 at plain reports" in plot.data["axis"][0]


def test_the_caption_ends_with_the_note_on_the_figure(plots):
    for plot in plots:
        assert plot.note and plot.caption.endswith(plot.note) and plot.caption != plot.note, plot.name


def test_a_table_without_its_columns_is_refused(tables):
    with pytest.raises(InputError, match=r"`map`.*x, y"):
        figures.theme_map(tables["paragraphs"], tables["map"].select("paragraph_id"))
