"""What the figures show: every label whole and apart from others, the right numbers, and words where numbers lack."""

from __future__ import annotations

import polars as pl
import pytest

from research import figures
from research.errors import InputError
from research.figures._style import styled
from research.figures._tables import no_comparison
from research.figures._text import labels_apart, wrap
from research.framing import reliability_table
from research.inference import estimate_groups

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
    assert (
        "the 25 of 200 documents with the most paragraphs; the last column is the mean of the other 175"
        in shares.caption
    )
    narrow = figures.theme_shares_by_document(tables["estimates"], tables["themes"], tables["documents"], columns=1)
    assert "the 12 of 200 documents" in narrow.caption
    stance = figures.stance_by_document(tables["estimates"], tables["documents"])
    assert "the 25 of 200 documents with the most paragraphs that speak of a target; 175 are left out" in stance.caption
    assert stance.data["document_id"].n_unique() == 25
    assert shares.data.filter(pl.col("document").is_not_null())["n_paragraphs"].sum() == once.height
    framing = figures.framing_by_document(tables["estimates"], tables["documents"])
    assert "Of 200 documents" in framing.caption
    assert framing.data.filter(row="one").height + framing.data.filter(row="others")["n_documents"].item() == 200
    assert "of 200 documents" in figures.article_lines(tables["paragraphs"]).caption


def test_few_documents_are_told_in_the_words_of_the_estimates(tables):
    note = "one document, and no measurement draws"
    plot = figures.framing_by_document(_changed(tables, "framing", "document", note=note), tables["documents"])
    assert note in plot.caption.lower()
    assert note in " ".join(words.replace("\n", " ") for words, *_ in _texts(plot)).lower()
    assert "2 documents against 3" not in plot.caption  # of a comparison, which is not drawn here


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
    assert "95% intervals over example texts." in figures.stance_by_document(only).caption
    mixed = only.with_columns(
        uncertainty_sources=pl.when((pl.col("quantity") == "stance") & (pl.col("group") == "003"))
        .then(pl.lit("anchors;wind")).otherwise(pl.col("uncertainty_sources"))
    )  # fmt: skip
    assert "over example texts and wind only)" in figures.stance_by_document(mixed).caption
    shares = _changed(tables, "theme_share", "all", uncertainty_sources="moon")
    assert "intervals over moon." in figures.theme_shares_by_document(shares, tables["themes"]).caption
    assert "anchors and" not in figures.article_lines(tables["paragraphs"]).caption


@pytest.mark.parametrize(("confidence", "said"), [(0.995, "99.5%"), (0.975, "97.5%"), (0.9, "90%")])
def test_a_level_is_named_to_its_last_digit(tables, confidence, said):
    lines = figures.article_lines(tables["paragraphs"], tables["documents"], confidence=confidence)
    assert f"each paragraph's {said} interval" in lines.note
    bars = figures.framing_by_document(tables["estimates"], tables["documents"], confidence=confidence)
    assert f"Bars: {said} intervals" in bars.note
    bins = figures.reliability(reliability_table([0.2, 0.8], [0, 1]), confidence=confidence)
    assert f"Bars: {said} Wilson intervals" in bins.note


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


def test_labels_stay_apart_where_they_are_cut(synthetic):
    tables = synthetic.study(n_documents=24, n_paragraphs=240)
    documents = tables["documents"].with_columns(
        outlet=pl.lit("The Quarterly Review of Municipal Policy"),
        date=pl.Series([f"2026-03-{day:02d}" for day in range(1, 25)]),
    )
    for plot in (
        figures.theme_shares_by_document(tables["estimates"], tables["themes"], documents),
        figures.stance_by_document(tables["estimates"], documents),
        figures.framing_by_document(tables["estimates"], documents, columns=1),
    ):
        written = [words for words, *_ in _texts(plot) if words.startswith("The Q")]
        assert len(written) == len(set(written)) == 24, plot.name
    titles = [axes.get_title("left") for axes in figures.article_lines(tables["paragraphs"], documents).figure.axes]
    assert len(set(titles)) == 20 and all("…" in title for title in titles)


def test_a_mean_has_a_color_only_where_it_was_shown_to_be_off_zero(tables):
    looks = {}
    for low, high, q in ((0.1, 0.9, 0.01), (-0.9, -0.1, 0.01), (0.1, 0.9, 0.2), (-0.1, 0.9, 0.01), (None, None, None)):
        changed = _changed(tables, "stance", "all", low=low, high=high, estimate=0.5)
        tests = changed.filter(quantity="stance", group_by="all").with_columns(
            reference=pl.lit("neutral"), q=pl.lit(q, pl.Float64)
        )
        plot = figures.stance_by_target(tables["paragraphs"], pl.concat([changed, tests]))
        points = [line for line in plot.figure.axes[1].lines if line.get_marker() in ("o", "s", "D")]
        looks[low, high, q] = {(line.get_color(), line.get_marker()) for line in points}
        assert len(looks[low, high, q]) == 1
    open_ = looks[None, None, None]
    assert looks[-0.1, 0.9, 0.01] == looks[0.1, 0.9, 0.2] == open_ and len(set(map(str, looks.values()))) == 3


def test_intervals_of_documents_are_said_to_be_uncorrected(tables):
    plot = figures.stance_by_document(tables["estimates"])
    words = [words for words, *_ in _texts(plot)]
    assert "interval holds 0, or none" in words and "interval above 0" in words
    assert "none is corrected for their number" in plot.caption


def test_a_date_is_kept_whole_where_a_label_is_cut():
    outlet = "The Ardmouth Evening Advertiser"
    names = [f"{outlet}, 2024-01-{day:02}" for day in (8, 9)]
    assert labels_apart(names, 1.0, 6.5, 2) == [f"{wrap(outlet, 1.0, 6.5, 1)}\n2024-01-{day:02}" for day in (8, 9)]
    assert [label[-12:] for label in labels_apart(names, 1.2, 6.5)] == [", 2024-01-08", ", 2024-01-09"]
    alike = [f"{outlet}, 2024-01-08", "The Ardmouth Evening Herald, 2024-01-08"]
    cut = labels_apart(alike, 1.0, 6.5, 2)
    assert cut[0] != cut[1] and all(label.endswith("\n2024-01-08") for label in cut)


def test_lines_are_farther_apart_where_labels_have_two(tables):
    long = tables["documents"].with_columns(outlet=pl.lit("The Ardmouth Evening Advertiser and Chronicle of the Coast"))
    heights = [
        figures.framing_by_document(tables["estimates"], documents).figure.get_figheight()
        for documents in (tables["documents"], long)
    ]
    assert heights[1] > heights[0] + 0.3


@pytest.mark.filterwarnings("ignore:Glyph")
def test_names_that_the_font_cannot_draw_are_said(tables, caplog):
    names = tables["documents"].with_columns(outlet=pl.lit("山海日报"))
    with caplog.at_level("WARNING", "research"):
        figures.framing_by_document(tables["estimates"], names)
    assert "lacks characters of some names" in caplog.text and "山" in caplog.text


def _by_outlet(gap, n_each=6, outlets="xyz"):
    """Give the estimates of outlets of which the first is framed otherwise by a gap."""
    rows = [
        {"paragraph_id": f"{outlet}{d}:{p}", "document_id": f"{outlet}{d}", "outlet": f"Outlet {outlet}", "position": p,
         "n_printed": 1, "duplicate_of": None, "theme": "a",
         "framing": (gap if outlet == "x" else 0.0) + 0.02 * ((d * 7 + p * 3) % 5)}
        for outlet in outlets for d in range(n_each) for p in range(3)
    ]  # fmt: skip
    return estimate_groups(pl.DataFrame(rows, schema_overrides={"duplicate_of": pl.String}))


@pytest.mark.parametrize("columns", [1, 2])
def test_outlets_stand_beside_each_other_with_what_differs_marked(tmp_path, columns):
    plot = figures.framing_by_outlet(_by_outlet(0.6), columns=columns)
    assert plot.data["label"].to_list() == ["Outlet x", "Outlet y", "Outlet z", "All documents"]
    assert plot.data["beside"][0].endswith("n = 6 / 18 *") and "* differs from the documents" in plot.caption
    assert plot.data.filter(row="one")["low"].null_count() == 0
    page = plot.figure.bbox
    assert all(box.x0 > -1 and box.x1 < page.width + 1 for _, box, _ in _texts(plot))
    plot.data.write_csv(tmp_path / "a.csv")
    again = figures.remake("framing_by_outlet", tmp_path / "a.csv", columns=columns)
    assert again.render("png", dpi=60) == plot.render("png", dpi=60)
    alike = figures.framing_by_outlet(_by_outlet(0.0))
    assert "No difference in framing between outlets was shown" in alike.caption and "*" not in "".join(
        alike.data["beside"]
    )


def test_outlets_of_one_document_are_not_compared():
    lone = figures.framing_by_outlet(_by_outlet(0.6, n_each=1))
    assert lone.caption == "One document of each outlet: outlets cannot be compared."
    assert no_comparison(_by_outlet(0.6, outlets="x"), "outlet", "framing") == (
        "Only one outlet is known: outlets cannot be compared."
    )
    assert no_comparison(_by_outlet(0.6), "outlet", "framing") is None
    assert no_comparison(_by_outlet(0.6), "party", "framing") == (
        "No document names its party, so groups by party cannot be compared."
    )


def test_a_table_without_its_columns_is_refused(tables):
    with pytest.raises(InputError, match=r"`map`.*x, y"):
        figures.theme_map(tables["paragraphs"], tables["map"].select("paragraph_id"))


def test_a_frame_of_pandas_is_refused_in_a_sentence(tables):
    with pytest.raises(InputError, match=r"table `paragraphs` is a pandas DataFrame; give a polars frame"):
        figures.article_lines(tables["paragraphs"].to_pandas())


def test_what_is_left_of_many_themes_is_written_and_hides_no_interval(tables):
    estimates = tables["estimates"].filter(quantity="theme_share")
    many = [
        estimates.filter(pl.col("theme") == estimates["theme"].drop_nulls()[0]).with_columns(
            theme=pl.lit(f"t{number:03}"), estimate=0.004, low=0.003, high=0.006
        )
        for number in range(250)
    ]
    plot = figures.theme_shares_by_document(pl.concat(many), tables["themes"].head(0))
    right = plot.figure.axes[1]
    assert right.get_xlim()[1] < 2
    assert [text.get_text() for text in right.texts] == ["94 →"]
