"""Findings, the methods paragraph and LaTeX tables say what the tables say, and no more."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.errors import InputError
from research.report import StanceAgreement, latex_table, leading_findings, methods_paragraph
from research.report._findings import _hint


@pytest.mark.parametrize(
    "size",
    [
        {}, {"n_documents": 1, "n_paragraphs": 1, "n_themes": 1}, {"themed": False, "targets": ()}, {"n_themes": 0},
        {"n_documents": 30, "n_paragraphs": 300},
    ],
)  # fmt: skip
def test_there_are_always_three_different_findings(synthetic, size):
    tables = synthetic.study(**size)
    for lacking in [(), ("themes",), ("estimates",), ("themes", "estimates", "units"), tuple(tables)]:
        found = leading_findings({name: table for name, table in tables.items() if name not in lacking})
        assert len(set(found)) == 3
        assert all(sentence.endswith(".") and "None" not in sentence for sentence in found)


def test_findings_give_intervals_and_n_and_claim_nothing_of_outlets(tables):
    theme, framing, stance = leading_findings(tables, labels={"us_west": "The West"})
    assert all("95% interval" in sentence and "n = " in sentence for sentence in (theme, framing, stance))
    assert "So few documents (5) say nothing about outlets." in framing
    assert "describes these documents alone" in stance


def _with(tables, quantity, group_by, **values):
    estimates = tables["estimates"]
    mine = (pl.col("quantity") == quantity) & (pl.col("group_by") == group_by)
    changes = {name: pl.when(mine).then(pl.lit(v)).otherwise(pl.col(name)).alias(name) for name, v in values.items()}
    return {**tables, "estimates": estimates.with_columns(**changes)}


def test_overlapping_intervals_are_called_so(tables):
    two = tables["estimates"].filter((pl.col("group_by") != "document") | pl.col("group").is_in(["000", "004"]))
    said = leading_findings({**tables, "estimates": two})[1]
    assert "over example texts and sentences, do not overlap" in said
    # Of several documents the ends are apart even where all are alike.
    assert "The highest and the lowest of 5 documents would lie apart by chance" in leading_findings(tables)[1]
    assert "may be framed alike" in leading_findings(_with(tables, "framing", "document", low=-1.0, high=1.0))[1]


def _against_zero(tables, q, **values):
    """Give the mean stances of all documents, and what holding them against 0 found."""
    changed = _with(tables, "stance", "all", **values)
    whole = changed["estimates"].filter(quantity="stance", group_by="all")
    tested = whole.with_columns(reference=pl.lit("neutral"), q=pl.lit(q, dtype=pl.Float64))
    return {**changed, "estimates": pl.concat([changed["estimates"], tested])}


def test_a_stance_is_a_finding_only_where_it_is_off_zero_after_correction(tables):
    values = {"estimate": 0.5, "low": 0.2, "high": 0.9}
    stance = leading_findings(_against_zero(tables, 0.2, **values))[2]
    assert stance.startswith(
        "No stance toward any of 5 targets was shown: over at least 5 documents no mean, corrected"
    )
    assert leading_findings(_against_zero(tables, None, **values))[2].startswith("No stance toward any")
    inside = leading_findings(_against_zero(tables, 0.01, **(values | {"low": -0.2})))[2]
    assert inside.startswith("No stance toward any")
    shown = leading_findings(_against_zero(tables, 0.01, **values))[2]
    assert shown.startswith("On average the documents speak rather in favor of") and "5 were shown to be off 0" in shown


def test_a_stance_finding_says_how_well_the_scorer_agrees_with_coders(tables):
    said = leading_findings(tables, stance_agreement=StanceAgreement(0.477, "the moon", "0.33 is guessing"))[2]
    assert "On the moon, its labels agree with coders with a macro-F1 of 0.48 (1 is perfect, 0.33 is guessing)" in said
    assert "has not been measured" in leading_findings(tables)[2]


def _compared(tables, q, quantity="framing", target=None):
    """Give two outlets of five documents that are compared, with one corrected p."""
    made = [
        {"quantity": quantity, "target": target, "group_by": "outlet", "group": group, "reference": reference,
         "n_documents": 5, "n_paragraphs": 20, "estimate": estimate, "low": estimate - 0.2, "high": estimate + 0.2,
         "q": q if reference else None, "method": "m", "uncertainty_sources": "documents"}
        for reference in (None, "rest") for group, estimate in (("Courier", 0.5), ("Herald", -0.4))
    ]  # fmt: skip
    rows = pl.DataFrame(made, schema_overrides=dict(tables["estimates"].schema), infer_schema_length=None)
    return {**tables, "estimates": pl.concat([tables["estimates"], rows], how="diagonal")}


def test_a_difference_between_outlets_is_the_finding(tables):
    framing = leading_findings(_compared(tables, 0.0123))[1]
    assert framing.startswith("Outlets differ in framing: on average, the 5 documents of “Courier” score 0.50 higher")
    assert "95% interval of the difference +0.30 to +0.70; q = .012" in framing and "hint" in framing
    assert "than the 5 documents of “Herald”" in framing  # two outlets are one test
    assert "q is corrected for 2 comparisons of framing between outlets." in framing
    third = _compared(tables, 0.0123)["estimates"]
    third = third.with_columns(group=pl.col("group").replace("Herald", "Post")).filter(group_by="outlet")
    three = pl.concat([_compared(tables, 0.0123)["estimates"], third.filter(pl.col("group") == "Post")])
    framing = leading_findings({**tables, "estimates": three})[1]
    assert (
        "and the 5 documents of “Herald” 0.40 lower" in framing and "than the documents of all other outlets" in framing
    )
    stance = leading_findings(_compared(tables, 0.0001, "stance", "us_west"), labels={"us_west": "The West"})[2]
    assert stance.startswith("Outlets differ in stance toward “The West”") and "q < .001" in stance


def test_the_groups_named_first_are_told_first(tables):
    estimates = _compared(tables, 0.012)["estimates"]
    desks = estimates.filter(group_by="outlet").with_columns(
        pl.col("estimate", "low", "high") * 1.1,
        group_by=pl.lit("desk"), group=pl.col("group").replace({"Courier": "news", "Herald": "analysis"}),
    )  # fmt: skip
    both = {**tables, "estimates": pl.concat([estimates, desks])}
    framing = leading_findings(both, column="outlet")[1]
    assert framing.startswith("Outlets differ in framing") and "“Courier”" in framing
    assert "between outlets alone, of 2 kinds of groups that were compared." in framing
    assert leading_findings(both, column="desk")[1].startswith("Groups by desk differ in framing")
    alike = estimates.with_columns(q=pl.when(pl.col("group_by") == "outlet").then(0.5).otherwise(pl.col("q")))
    told = leading_findings({**tables, "estimates": pl.concat([alike, desks])}, column="outlet")[1]
    assert told.startswith("Groups by desk differ in framing")


def test_a_small_group_is_a_hint_however_many_documents_there_are():
    rows = [{"group": "Post", "n_documents": 3}, {"group": "Herald", "n_documents": 30}]
    assert "So few documents of “Post” (3) give no more than a hint" in _hint(40, rows)
    assert "So few documents (19) give no more than a hint." in _hint(19, rows)
    assert "hint" not in _hint(40, rows[1:])


def test_where_no_difference_was_shown_that_is_said(tables):
    said = leading_findings(_compared(tables, 0.2))[1]
    assert "No difference in framing between outlets was shown: corrected" in said
    one_each = _compared(tables, None)
    assert "There are too few documents of the outlets for a test" in leading_findings(one_each)[1]
    # What the interval covers and the test does not, such as the error of anchors, may make it hold 0.
    estimates = _compared(tables, 0.001)["estimates"]
    wide = estimates.with_columns(low=pl.when(pl.col("reference") == "rest").then(-1.0).otherwise(pl.col("low")))
    said = leading_findings({**tables, "estimates": wide.with_columns(high=pl.col("high").clip(0.1))})[1]
    assert "corrected for 2 comparisons, none has a q below .05 and an interval that leaves out 0" in said
    lone = one_each["estimates"].with_columns(
        n_documents=pl.when(pl.col("group_by") == "outlet").then(pl.lit(1)).otherwise(pl.col("n_documents"))
    )
    said = leading_findings({**tables, "estimates": lone})[1]
    assert "One document of each outlet: outlets cannot be compared." in said


def test_documents_are_named_by_their_title(tables):
    found = leading_findings(tables)[1]
    assert "“Report <i>number</i> 4” (004)" in found
    long = tables["documents"].with_columns(title=pl.lit("A very long title " * 9), outlet=pl.lit("Courier"))
    said = leading_findings({**tables, "documents": long})[1]
    assert "…” (004)" in said and "title A very long title A very long title A very long title A" not in said
    unknown = tables["documents"].with_columns(title=pl.lit("unknown"))
    assert "“Capital Post, " in leading_findings({**tables, "documents": unknown})[1]


def test_a_document_of_two_paragraphs_is_not_named_as_the_extreme(tables):
    documents = tables["estimates"].filter(quantity="framing", group_by="document").sort("estimate")
    lowest = documents["group"][0]
    changed = tables["estimates"].with_columns(
        n_paragraphs=pl.when(pl.col("group") == lowest).then(pl.lit(2)).otherwise(pl.col("n_paragraphs"))
    )
    assert f"({lowest}) the lowest" in leading_findings(tables)[1]
    assert f"({lowest})" not in leading_findings({**tables, "estimates": changed})[1]


def test_the_methods_paragraph_leaves_out_what_was_not_done():
    assert methods_paragraph({}) == ""
    text = methods_paragraph(
        {"n_paragraphs": 1, "n_documents": 1, "model": "m", "model_hash": "ab" * 32, "layers": (3,), "axis": None,
         "targets": [], "codebook": "themes", "discovery": "none", "seed": 0, "confidence": 0.9}
    )  # fmt: skip
    assert "1 paragraph of 1 document" in text and "abababababab," not in text and "abababababab)" in text
    assert "Stance" not in text and "axis" not in text and "searched" not in text
    assert "90% intervals" in text and "seed 0" in text


def test_a_theme_is_counted_by_its_primaries_without_repeats(tables):
    once = tables["paragraphs"].filter(pl.col("duplicate_of").is_null())
    shares = tables["estimates"].filter(quantity="theme_share", group_by="all").sort("estimate", descending=True)
    first = shares["theme"][0]
    n = once.filter(theme=first).height
    changed = {**tables, "themes": tables["themes"].with_columns(n_paragraphs=pl.lit(99), share=pl.lit(0.5))}
    assert f"primary theme of n = {n} paragraphs in 5 of 5 documents" in leading_findings(changed)[0]
    assert "99" not in leading_findings(changed)[0]


def test_a_share_interval_is_written_as_one_can_read_it(tables):
    wide = leading_findings(_with(tables, "theme_share", "all", low=3e-74, high=1 - 1e-9))[0]
    assert "too wide to tell anything" in wide and "e-" not in wide
    half = leading_findings(_with(tables, "theme_share", "all", low=3e-74, high=0.6))[0]
    assert "95% interval under 1% to 60%" in half


def test_the_zero_of_the_framing_scale_is_not_read(tables):
    below = leading_findings(_with(tables, "framing", "document", estimate=-0.4))[1]
    assert "0 (a plain report)" in below and "the highest framing score" in below and "celebratory end" not in below
    own = leading_findings(tables, zero="the anchors' plain reports")[1]
    assert "over 0 (the anchors' plain reports) to +1" in own


def test_what_was_not_asked_for_is_no_finding(synthetic):
    tables = synthetic.study(themed=False, n_themes=0, targets=())
    paragraphs = tables["units"].filter(kind="paragraph")
    found = " ".join(leading_findings({**tables, "units": paragraphs}))
    assert "fit no theme" not in found and "0 of" not in found
    assert f"Every line was read as a paragraph ({paragraphs.height} lines)." in found


def test_methods_say_which_layers_serve_what():
    facts = {"model": "m", "layers": (3, 4, 6), "axis": "a", "targets": ["x"]}
    said = methods_paragraph(facts)
    assert "Framing used the hidden states of layers 3 and 4 and stance those of layers 3, 4 and 6." in said
    said = methods_paragraph({**facts, "axis": None})
    assert "Stance used the hidden states of layers 3, 4 and 6." in said and "raming" not in said
    assert "Framing used the hidden states of layers 3, 4 and 6 and" in methods_paragraph({**facts, "reads": "content"})
    assert "Framing used the hidden states of layer 6." in methods_paragraph({**facts, "layers": (6,), "targets": ()})


def test_methods_tell_of_a_search_only_where_one_was():
    facts = {"codebook": "c", "discovery": "hdbscan", "n_discovered_themes": 0, "theme_notes": ("Too few to search.",)}
    said = methods_paragraph(facts)
    assert "searched" not in said and "No theme was discovered outside the codebook. Too few to search." in said
    assert "searched with UMAP and HDBSCAN, which gave 2 themes." in methods_paragraph(
        {**facts, "n_discovered_themes": 2}
    )
    assert "outside" not in methods_paragraph({**facts, "codebook": None})


def test_methods_say_what_the_intervals_cover_and_how_groups_were_compared():
    facts = {"codebook": "c", "axis": "a", "targets": ["x"], "voice": "own", "confidence": 0.95, "n_resamples": 2000}
    said = methods_paragraph(facts)
    assert "for framing, the anchors and the sentences and for stance, the anchors only" in said
    taught = methods_paragraph({**facts, "stance_labels": {"n_mentions": 1600, "alpha": 0.945, "coders": "two people"}})
    assert "by labels of 1,600 mentions outside this corpus (Krippendorff's alpha 0.94), by two people." in taught
    assert "for stance, the anchors and the labels that taught the scorer" in taught
    assert "Korn-Graubard" in said and "takes the assignment of themes as given" in said
    assert "Welch's t under permutation of documents" in said and "permutation within documents" in said
    assert "named only in their words counts as neutral, with score 0" in said
    clustered = methods_paragraph({**facts, "clusters": "story"})
    assert "Documents of one story were taken to depend on one another" in clustered and "CR2" in clustered
    assert (
        "signs of differences by story" in clustered and "Welch" not in clustered and "2,000 random draws" in clustered
    )
    framing_alone = methods_paragraph({**facts, "clusters": "story", "codebook": None, "discovery": "none"})
    assert "by that t and, where it has p ≤ .05, by arrangements of clusters" in framing_alone
    assert "exact where the clusters are few" in framing_alone
    assert "the zero itself should not be read" in said
    scores_only = methods_paragraph({**facts, "codebook": None, "discovery": "none", "targets": ()})
    assert "Korn" not in scores_only and "signs" not in scores_only and "tance" not in scores_only


def test_latex_is_escaped_and_rounded():
    frame = pl.DataFrame({"a_b": ["50% & $5_{x}^~\\", None], "n": [1, 2], "v": [-0.126, -0.0001], "f": [True, None]})
    table = latex_table(frame, ["a_b", "n", "v", "f"], "Costs & 100%.", "tab:a")
    assert r"50\% \& \$5\_\{x\}\textasciicircum{}\textasciitilde{}\textbackslash{} & 1 & $-0.13$ & yes \\" in table
    assert r"-- & 2 & 0.00 & -- \\" in table
    assert r"\caption{Costs \& 100\%.}" in table and r"\begin{tabular}{lrrl}" in table
    assert "Theme &" in latex_table(frame, {"a_b": "Theme", "n": "N"}, "", "t")


def test_latex_refuses_what_it_cannot_write():
    frame = pl.DataFrame({"a": [1]})
    with pytest.raises(InputError, match="b"):
        latex_table(frame, ["b"], "", "t")
    with pytest.raises(InputError, match="label"):
        latex_table(frame, ["a"], "", "t}{")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_cell_can_open_or_close_anything(text):
    row = latex_table(pl.DataFrame({"a": [text], "b": ["end"]}), ["a", "b"], "c", "t").split("\\midrule\n")[1]
    line = row.split("\n")[0]
    assert line.endswith(r" & end \\")
    bare = line.replace("\\\\", "").replace("\\{", "").replace("\\}", "").replace("\\&", "").replace("\\%", "")
    assert bare.count("{") == bare.count("}") and bare.count("&") == 1 and "%" not in bare


def test_a_framing_finding_carries_the_failures_of_its_axis_and_no_other(tables):
    validity = pl.DataFrame(
        {"axis": ["celebratory"] * 3 + ["alarm"], "passed": [False, True, None, False], "check": ["a", "b", "c", "a"]}
    )
    theme, framing, stance = leading_findings({**tables, "validity": validity})
    assert framing.endswith("The axis failed 1 of its 2 checks (see Validity).")
    assert "failed" not in theme + stance
    sound = validity.with_columns(passed=pl.lit(True))
    assert "failed" not in " ".join(leading_findings({**tables, "validity": sound}))


def test_methods_say_where_the_axis_came_from():
    facts = {"axis": "a", "n_anchors": 30, "poles": ("cold", "warm")}
    assert "Its anchors alone define it." in methods_paragraph(facts)
    shipped = {"n_texts": 1600, "alpha": 0.924, "coders": "two people"}
    said = methods_paragraph({**facts, "shipped_labels": shipped})
    assert "Labels of 1,600 texts outside this corpus (Krippendorff's alpha 0.92), by two people," in said
    assert "anchors alone" not in said and "first fixed by 30 anchor texts" in said
    assert "zero itself" not in said  # labels of real texts placed it
    said = methods_paragraph({**facts, "shipped_labels": {**shipped, "n_written": 1100}})
    assert "Labels of 1,600 texts outside this corpus, 1,100 of them written for the purpose (Kripp" in said
    apart = {"n_texts": 20, "alpha": None, "n_coders": 2, "n_shared": 0, "moved": False}
    said = methods_paragraph({**facts, "framing_labels": apart})
    assert "2 coders who coded nothing in common, so that their agreement is not known" in said
    own = {"n_texts": 20, "alpha": None, "n_coders": 1, "moved": True}
    said = methods_paragraph({**facts, "framing_labels": own})
    assert "Labels given by hand to 20 paragraphs of this corpus by 1 coder moved it" in said
    said = methods_paragraph({**facts, "framing_labels": {**own, "moved": False}})
    assert "by 1 coder serve to check it" in said and "Its anchors alone define it." in said
    toward = {"n_units": 40, "n_coders": 2, "alpha": 0.8, "n_classes": 2, "before": 0.5, "after": 0.625, "moved": True}
    said = methods_paragraph({"targets": ["x"], "own_stance": toward})
    assert (
        "to 40 pairs of a paragraph and a target of this corpus by 2 coders (Krippendorff's alpha 0.80) moved" in said
    )
    assert "better: macro-F1 0.62 over the stances that were coded five times or more, 0.50 before;" in said
    few = methods_paragraph({"targets": ["x"], "own_stance": {**toward, "n_classes": 1}})
    assert "moved it as far as documents left out were told better; the labelled" in few
    said = methods_paragraph({"targets": ["x"], "own_stance": {**toward, "moved": False}})
    assert "serve to check it (macro-F1 0.50 over the stances" in said and "they did not move it, since" in said
    said = methods_paragraph({"targets": ["x"], "own_stance": {**toward, "after": None, "moved": False}})
    assert "moved nothing: what a label does must be judged by other documents" in said
    also = methods_paragraph({"further_axes": ["Alarm", "Conflict"]})
    content = methods_paragraph({"further_axes": ["Alarm", "Conflict"], "content_axes": ["Conflict"]})
    assert content == f"{also} Of these “Conflict”, about what a text tells, reads the last layer too."
    assert also == "Paragraphs were scored on the axes “Alarm” and “Conflict”."
