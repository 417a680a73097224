"""Findings, the methods paragraph and LaTeX tables say what the tables say, and no more."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.errors import InputError
from research.report import latex_table, leading_findings, methods_paragraph


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
    assert "do not overlap" in leading_findings(tables)[1]
    assert "may be framed alike" in leading_findings(_with(tables, "framing", "document", low=-1.0, high=1.0))[1]


def test_a_stance_whose_interval_holds_zero_is_not_called_clear(tables):
    assert "No stance is clear" in leading_findings(_with(tables, "stance", "all", low=-0.9, high=0.9))[2]


def test_a_document_of_two_paragraphs_is_not_named_as_the_extreme(tables):
    documents = tables["estimates"].filter(quantity="framing", group_by="document").sort("estimate")
    lowest = documents["group"][0]
    changed = tables["estimates"].with_columns(
        n_paragraphs=pl.when(pl.col("group") == lowest).then(pl.lit(2)).otherwise(pl.col("n_paragraphs"))
    )
    assert "2025-12-05" in leading_findings(tables)[1]
    assert "2025-12-05" not in leading_findings({**tables, "estimates": changed})[1]


def test_the_methods_paragraph_leaves_out_what_was_not_done():
    assert methods_paragraph({}) == ""
    text = methods_paragraph(
        {"n_paragraphs": 1, "n_documents": 1, "model": "m", "model_hash": "ab" * 32, "layers": (3,), "axis": None,
         "targets": [], "codebook": "themes", "discovery": "none", "seed": 0, "confidence": 0.9}
    )  # fmt: skip
    assert "1 paragraph of 1 document" in text and "abababababab," not in text and "abababababab)" in text
    assert "Stance" not in text and "axis" not in text and "searched" not in text
    assert "90% intervals" in text and "seed 0" in text


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
