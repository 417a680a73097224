from __future__ import annotations

from collections.abc import Callable
from typing import get_type_hints

import numpy as np
import polars as pl
import pytest
from annotated_types import Ge, Gt, Lt
from polars.testing import assert_frame_equal

from research._tables import check_table
from research.errors import InputError
from research.inference import estimate_groups

Make = Callable[..., pl.DataFrame]
SIZES = {"a": 6, "b": 9, "c": 4, "d": 12, "e": 7, "f": 5, "g": 8, "h": 6}
# Enough documents that arrangements are drawn at random.
MANY = {f"d{number:02}": 3 + number % 3 for number in range(24)}
OUTLETS = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y", "f": "y", "g": "y"}


def draws_of(paragraphs: pl.DataFrame, column: str = "framing", shared: float = 0.1, own: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(5)
    noise = rng.normal(0, shared, (300, 1)) + rng.normal(0, own, (300, paragraphs.height))
    return paragraphs.get_column(column).cast(pl.Float64).fill_null(float("nan")).to_numpy() + noise


def row(table: pl.DataFrame, **where: object) -> dict[str, object]:
    conditions = [pl.col(name).eq_missing(pl.lit(value)) for name, value in ({"reference": None} | where).items()]
    return table.filter(*conditions).row(0, named=True)


def test_schema_order_and_values(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES, OUTLETS)
    table = estimate_groups(
        paragraphs,
        framing_draws=draws_of(paragraphs),
        stance_draws={"india": draws_of(paragraphs, "stance_india_score")},
    )
    check_table("estimates", table)
    quantities = ["framing", "framing_intensity", "stance", "theme_share"]
    assert table.get_column("quantity").unique(maintain_order=True).to_list() == quantities
    order = table.filter(quantity="framing").get_column("group_by").unique(maintain_order=True).to_list()
    assert order == ["all", "document", "theme", "theme_document", "outlet"]
    means = paragraphs.group_by("document_id", maintain_order=True).agg(pl.col("framing", "stance_india_score").mean())
    assert row(table, quantity="framing", group_by="all")["estimate"] == pytest.approx(means["framing"].mean())
    whole = row(table, quantity="stance", target="india", group_by="all")
    assert whole["estimate"] == pytest.approx(means["stance_india_score"].mean())
    assert whole["n_paragraphs"] == paragraphs["stance_india_score"].count()
    outlet = row(table, quantity="framing", group_by="outlet", group="x", reference="rest")
    assert outlet["estimate"] == pytest.approx(means["framing"][:3].mean() - means["framing"][3:7].mean())
    assert "1 of unknown outlet left out" in str(outlet["note"])
    energy = paragraphs.filter(theme="energy", document_id="d")["framing"]
    cell = row(table, quantity="framing", group_by="theme_document", group="energy | d")
    assert (cell["theme"], cell["n_paragraphs"]) == ("energy", len(energy))
    assert cell["estimate"] == pytest.approx(energy.mean())
    share = row(table, quantity="theme_share", group_by="document", group="d", theme="energy")
    assert share["estimate"] == pytest.approx(len(energy) / 12)
    inside = table.drop_nulls(["low", "high"])
    assert (inside["low"] <= inside["estimate"] + 1e-12).all()
    assert (inside["estimate"] <= inside["high"] + 1e-12).all()


def test_theme_against_rest_is_paired_within_documents(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES, seed=2)
    differences = []
    for document in SIZES:
        own = paragraphs.filter(document_id=document)
        theme = own.filter(pl.col("theme").eq_missing("trade"))["framing"]
        rest = own.filter(pl.col("theme").ne_missing("trade"))["framing"]
        if len(theme) and len(rest):
            differences.append(theme.mean() - rest.mean())  # type: ignore[operator]
    found = row(estimate_groups(paragraphs), quantity="framing", group_by="theme", group="trade", reference="rest")
    assert found["n_documents"] == len(differences)
    assert found["estimate"] == pytest.approx(np.mean(differences))


def test_rows_may_stand_in_any_order(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(MANY, {name: "xyz"[len(name) + size - 6] for name, size in MANY.items()})
    draws = draws_of(paragraphs)
    first = estimate_groups(paragraphs, framing_draws=draws)
    order = np.random.default_rng(1).permutation(paragraphs.height)
    assert_frame_equal(estimate_groups(paragraphs[order], framing_draws=draws[:, order]), first, check_exact=True)


def test_names_of_documents_do_not_matter(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(MANY, {name: "xyz"[len(name) + size - 6] for name, size in MANY.items()})
    draws = draws_of(paragraphs)
    renamed = paragraphs.with_columns(
        ("z" + (99 - pl.col("document_id").str.slice(1).cast(pl.Int64)).cast(pl.String)).alias("document_id")
    )
    tables = [
        estimate_groups(table, framing_draws=draws).filter(pl.col("group_by").is_in(["all", "theme", "outlet"]))
        for table in (paragraphs, renamed)
    ]
    assert_frame_equal(tables[0], tables[1], abs_tol=1e-9)


def test_blocks_do_not_change_the_result(make_paragraphs: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    paragraphs = make_paragraphs(SIZES, OUTLETS)
    first = estimate_groups(paragraphs, framing_draws=draws_of(paragraphs))
    monkeypatch.setattr("research.inference._cells._BLOCK", 300 * 13)
    assert_frame_equal(estimate_groups(paragraphs, framing_draws=draws_of(paragraphs)), first, abs_tol=1e-9)


def test_shared_anchor_error_widens_a_group_and_cancels_in_a_comparison(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES, OUTLETS)
    plain = estimate_groups(paragraphs)
    measured = estimate_groups(paragraphs, framing_draws=draws_of(paragraphs, shared=0.5, own=0.0))

    def width(table: pl.DataFrame, **where: object) -> float:
        found = row(table, quantity="framing", **where)
        return float(found["high"]) - float(found["low"])  # type: ignore[arg-type]

    assert width(measured, group_by="all") > 1.5 * width(plain, group_by="all")
    where = {"group_by": "outlet", "group": "x", "reference": "rest"}
    assert width(measured, **where) == pytest.approx(width(plain, **where), rel=1e-6)


def test_five_documents_are_too_few_to_compare(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(dict.fromkeys("abcde", 6), {"a": "x", "b": "y", "c": "y", "d": "y", "e": "y"})
    table = estimate_groups(paragraphs)
    assert table["p"].null_count() == table.height
    found = row(table, quantity="framing", group_by="outlet", group="x", reference="rest")
    assert "1 against 4 documents: too few for a p-value" in str(found["note"])
    two = estimate_groups(make_paragraphs({"a": 6, "b": 6}, {"a": "x", "b": "y"}))
    note = row(two, quantity="framing", group_by="outlet", group="x", reference="rest")["note"]
    assert note == "one document of each outlet: outlets cannot be compared"
    assert found["low"] is not None
    assert "single document on one side" in str(found["note"])


def test_one_document_and_few_documents(make_paragraphs: Make) -> None:
    one = make_paragraphs({"a": 8})
    whole = row(estimate_groups(one), quantity="framing", group_by="all")
    assert (whole["low"], whole["uncertainty_sources"]) == (None, "none")
    assert "one document" in str(whole["note"])
    measured = row(estimate_groups(one, framing_draws=draws_of(one)), quantity="framing", group_by="all")
    assert measured["low"] is not None
    assert measured["uncertainty_sources"] == "anchors;sentences"
    few = row(estimate_groups(make_paragraphs({"a": 8, "b": 8, "c": 8})), quantity="framing", group_by="all")
    assert few["low"] is not None
    assert "fewer than 5 documents" in str(few["note"])


def test_intensity_is_the_distance_from_plain_whichever_the_pole(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES, OUTLETS)
    table = estimate_groups(paragraphs, framing_draws=draws_of(paragraphs))
    absolute = paragraphs.with_columns(pl.col("framing").abs())
    means = absolute.group_by("document_id", maintain_order=True).agg(pl.col("framing").mean())["framing"]
    whole = row(table, quantity="framing_intensity", group_by="all")
    assert whole["estimate"] == pytest.approx(means.mean())
    assert whole["uncertainty_sources"] == "documents"
    assert abs(row(table, quantity="framing", group_by="all")["estimate"]) <= whole["estimate"]
    assert (
        table.filter(quantity="framing_intensity").filter(pl.col("reference").is_null())["low"].drop_nulls() >= 0
    ).all()


def test_the_poles_are_estimated_apart_where_the_paragraphs_have_them(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES, OUTLETS).with_columns(
        framing_positive_pole=(pl.col("framing") + 0.5).clip(0, 1),
        framing_negative_pole=(0.5 - pl.col("framing")).clip(0, 1),
    )
    table = estimate_groups(paragraphs, framing_draws=draws_of(paragraphs))
    check_table("estimates", table)
    for pole in ("framing_positive_pole", "framing_negative_pole"):
        means = paragraphs.group_by("document_id", maintain_order=True).agg(pl.col(pole).mean())[pole]
        whole = row(table, quantity=pole, group_by="all")
        assert whole["estimate"] == pytest.approx(means.mean())
        assert whole["uncertainty_sources"] == "documents"
        of_groups = table.filter(quantity=pole).filter(pl.col("reference").is_null())
        assert of_groups["low"].drop_nulls().is_between(0, 1).all()
        assert of_groups["high"].drop_nulls().is_between(0, 1).all()
        compared = table.filter(quantity=pole, group_by="outlet").filter(pl.col("reference") == "rest")
        assert compared.height
    without = estimate_groups(paragraphs.drop("framing_positive_pole", "framing_negative_pole"))
    assert not without["quantity"].str.contains("pole").any()
    assert table.filter(pl.col("quantity") == "framing").equals(
        estimate_groups(
            paragraphs.drop("framing_positive_pole", "framing_negative_pole"), framing_draws=draws_of(paragraphs)
        ).filter(pl.col("quantity") == "framing")
    )


def test_sources_are_what_the_draws_of_the_quantity_vary(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES, OUTLETS)
    table = estimate_groups(
        paragraphs,
        framing_draws=draws_of(paragraphs),
        stance_draws={"india": draws_of(paragraphs, "stance_india_score")},
    )
    several = {"framing": "anchors;sentences;documents", "stance": "anchors;documents", "theme_share": "documents"}
    one = {"framing": "anchors;sentences", "stance": "anchors", "theme_share": "none"}
    for quantity in several:
        rows = table.filter(quantity=quantity)
        groups = rows.filter(pl.col("low").is_not_null(), pl.col("n_documents") > 1)
        assert set(groups["uncertainty_sources"]) == {several[quantity]}
        against = rows.filter(pl.col("low").is_not_null(), group_by="outlet", reference="rest")
        assert set(against["uncertainty_sources"]) == {several[quantity]}
        assert set(rows.filter(group_by="document")["uncertainty_sources"]) == {one[quantity]}
    stance = table.filter(quantity="stance")
    assert not any("sentences" in str(text) for text in [*stance["method"], *stance["note"]])
    assert (
        "draws over example texts and sentences"
        in row(table, quantity="framing", group_by="document", group="a")["method"]
    )
    lone = make_paragraphs({"a": 9})
    alone = estimate_groups(lone, stance_draws={"india": draws_of(lone, "stance_india_score")})
    assert "measurement (example texts) only" in str(row(alone, quantity="stance", group_by="all")["note"])


def test_a_test_with_as_many_arrangements_as_resamples_is_called_exact(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(dict.fromkeys("abcde", 9), dict(zip("abcde", "xxyyy", strict=True)))
    table = estimate_groups(paragraphs, n_resamples=10)
    found = row(table, quantity="framing", group_by="outlet", group="x", reference="rest")
    assert "all 10 arrangements of documents" in str(found["method"])
    signs = row(estimate_groups(paragraphs, n_resamples=16), quantity="framing", group="trade", reference="rest")
    assert "all 16 arrangements of signs" in str(signs["method"])
    many = make_paragraphs(MANY, {name: "xy"[i % 2] for i, name in enumerate(MANY)})
    drawn = row(estimate_groups(many, n_resamples=10), quantity="framing", group="x", reference="rest")
    assert "10 random arrangements" in str(drawn["method"])


def test_limits_of_the_settings_stand_in_the_signature() -> None:
    hints = get_type_hints(estimate_groups, include_extras=True)
    assert hints["n_resamples"].__metadata__ == (Ge(1),)
    assert hints["confidence"].__metadata__ == (Gt(0), Lt(1))
    assert hints["random_state"].__metadata__ == (Ge(0),)


def test_one_paragraph_without_theme_or_stance(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs({"a": 1}).with_columns(
        pl.lit(None, dtype=pl.String).alias("theme"), pl.lit(None, dtype=pl.Float64).alias("stance_india_score")
    )
    table = estimate_groups(paragraphs, framing_draws=draws_of(paragraphs))
    check_table("estimates", table)
    absent = row(table, quantity="stance", group_by="all")
    assert (absent["n_documents"], absent["estimate"]) == (0, None)
    assert absent["note"]


def test_documents_alike_have_no_interval(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs({"a": 4, "b": 4}).with_columns(framing=pl.lit(0.0))
    whole = row(estimate_groups(paragraphs), quantity="framing", group_by="all")
    assert (whole["estimate"], whole["low"]) == (0.0, None)
    assert "same value" in str(whole["note"])
    outlets = make_paragraphs(dict.fromkeys("abcde", 4), dict(zip("abcde", "xxyyy", strict=True)))
    table = estimate_groups(outlets.with_columns(framing=pl.lit(0.5)))
    against = row(table, quantity="framing", group_by="outlet", group="x", reference="rest")
    assert (against["estimate"], against["low"], against["p"]) == (0.0, None, None)
    assert "same value" in str(against["note"])


def test_repeats(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs({"a": 2, "b": 2}).with_columns(
        framing=pl.Series([0.0, 0.6, 0.0, 0.3]),
        n_printed=pl.Series([1, 2, 1, 1]),
        duplicate_of=pl.Series([None, None, "a:0", None], dtype=pl.String),
    )
    once = estimate_groups(paragraphs).filter(quantity="framing", group_by="document")
    printed = estimate_groups(paragraphs, repeats="printed").filter(quantity="framing", group_by="document")
    assert once["estimate"].to_list() == pytest.approx([0.3, 0.3])
    assert once["n_paragraphs"].to_list() == [2, 1]
    assert printed["estimate"].to_list() == pytest.approx([0.4, 0.15])
    assert printed["n_paragraphs"].to_list() == [3, 2]


def test_q_is_adjusted_within_a_quantity(make_paragraphs: Make) -> None:
    names = [f"d{i:02}" for i in range(20)]
    paragraphs = make_paragraphs(dict.fromkeys(names, 6), {name: "xyyy"[i % 4] for i, name in enumerate(names)})
    table = estimate_groups(paragraphs, n_resamples=200).drop_nulls("p")
    assert table["q"].null_count() == 0
    assert (table["q"] >= table["p"]).all()
    assert set(table["reference"]) == {"rest"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"framing_draws": np.zeros((5, 3))}, "draws"),
        ({"columns": ("region",)}, "region"),
        ({"columns": ("theme",)}, "more than one value"),
        ({"stance_draws": {"mars": np.zeros((5, 12))}}, "mars"),
        ({"repeats": "twice"}, "once, printed"),
        ({"confidence": 95}, "confidence"),
        ({"n_resamples": 0}, "n_resamples"),
        ({"random_state": -1}, "random_state"),
    ],
)
def test_what_cannot_be_used_is_refused(make_paragraphs: Make, change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        estimate_groups(make_paragraphs({"a": 6, "b": 6}), **change)  # type: ignore[arg-type]


def test_draws_must_be_finite_where_there_is_a_score(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs({"a": 3, "b": 3})
    draws = draws_of(paragraphs)
    draws[2, 4] = np.nan
    with pytest.raises(InputError, match="row 4"):
        estimate_groups(paragraphs, framing_draws=draws)
