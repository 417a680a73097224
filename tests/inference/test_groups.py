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
from research.inference._permutation import benjamini_hochberg, exchange_test

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
    tested = table.filter(pl.col("reference") == "rest")
    assert tested["p"].null_count() == tested.height
    found = row(table, quantity="framing", group_by="outlet", group="x", reference="rest")
    several = row(table, quantity="framing", group_by="theme", group="trade", reference="rest")
    assert "too few for a p-value" in str(several["note"])
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
    assert "fewer than 8 documents" in str(few["note"])


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
    drawn = row(estimate_groups(many, n_resamples=999), quantity="framing", group="x", reference="rest")
    assert "999 random arrangements" in str(drawn["method"])


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


def test_q_is_adjusted_within_a_quantity_and_a_kind_of_groups(make_paragraphs: Make) -> None:
    names = [f"d{i:02}" for i in range(20)]
    paragraphs = make_paragraphs(dict.fromkeys(names, 6), {name: "xyyz"[i % 4] for i, name in enumerate(names)})
    paragraphs = paragraphs.with_columns((-pl.col("stance_india_score")).alias("stance_mars_score"))
    table = estimate_groups(paragraphs, n_resamples=200).drop_nulls("p")
    assert table["q"].null_count() == 0
    assert (table["q"] >= table["p"]).all()
    assert set(table["reference"]) == {"rest", "neutral"}
    for (quantity, _), family in table.group_by("quantity", "group_by"):
        assert family["q"].to_list() == pytest.approx(benjamini_hochberg(family["p"].to_numpy()).tolist())
        assert family["target"].n_unique() == (2 if quantity == "stance" else 1)  # those of all targets together


def test_a_group_of_one_document_is_not_tested(make_paragraphs: Make) -> None:
    many = {f"d{i:02}": 5 for i in range(30)}
    paragraphs = make_paragraphs(many, {name: "y" if i else "x" for i, name in enumerate(many)})
    found = row(estimate_groups(paragraphs), quantity="framing", group_by="outlet", group="x", reference="rest")
    assert (found["p"], found["q"]) == (None, None)
    assert "single document on one side" in str(found["note"])
    assert found["low"] is not None


def test_what_two_outlets_print_counts_in_each(make_paragraphs: Make) -> None:
    """Else the report of an agency would be told by the outlet alone whose document has the first name."""
    paragraphs = make_paragraphs(dict.fromkeys("abcdef", 3), dict(zip("abcdef", "xxxyyy", strict=True)))
    copies = {"d": "a", "e": "a", "f": "b"}  # e repeats what d prints in its own outlet
    same = {name: paragraphs.filter(document_id=name)["framing"].to_list() for name in "ab"}
    framing, original = [], []
    for document, place, own in paragraphs.select("document_id", "position", "framing").iter_rows():
        first = copies.get(document)
        framing.append(same[first][place] if first else own)
        original.append(f"{first}:{place}" if first else None)
    printed = paragraphs.with_columns(framing=pl.Series(framing), duplicate_of=pl.Series(original, dtype=pl.String))
    table = estimate_groups(printed)
    outlet = {name: row(table, quantity="framing", group_by="outlet", group=name) for name in "xy"}
    assert (outlet["x"]["n_documents"], outlet["y"]["n_documents"]) == (3, 2)
    assert outlet["y"]["estimate"] == pytest.approx(np.mean([np.mean(same["a"]), np.mean(same["b"])]))
    assert row(table, quantity="framing", group_by="all")["n_documents"] == 3
    share = {name: row(table, quantity="theme_share", group_by="outlet", group=name, theme="trade") for name in "xy"}
    assert share["y"]["n_paragraphs"] == 6
    # The other way round, by name, the outlets' own rows are the same.
    turned = printed.with_columns(
        pl.col("document_id").replace_strict(dict(zip("abcdef", "zyxcba", strict=True))),
        duplicate_of=pl.when(pl.col("document_id").is_in(["a", "b"])).then(
            pl.col("document_id").replace_strict({"a": "d", "b": "f"}, default=None)
            + ":"
            + pl.col("position").cast(pl.String)
        ),
    )
    again = estimate_groups(turned.filter(pl.col("document_id") != "b"))
    for name in "xy":
        found = row(again, quantity="framing", group_by="outlet", group=name)
        assert found["estimate"] == pytest.approx(outlet[name]["estimate"])


def test_the_mean_stance_is_held_against_zero(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES).with_columns(pl.col("stance_india_score") + 0.3)
    draws = {"india": draws_of(paragraphs, "stance_india_score", shared=0.1, own=0.0)}
    table = estimate_groups(paragraphs, stance_draws=draws)
    mean = row(table, quantity="stance", group_by="all")
    found = row(table, quantity="stance", group_by="all", reference="neutral")
    assert (found["estimate"], found["low"], found["high"]) == (mean["estimate"], mean["low"], mean["high"])
    assert (found["p"] < 0.05) == (found["low"] > 0)
    assert found["p"] > row(estimate_groups(paragraphs), quantity="stance", reference="neutral")["p"]
    few = estimate_groups(paragraphs.filter(pl.col("document_id").is_in(list("abcd"))))
    found = row(few, quantity="stance", group_by="all", reference="neutral")
    assert found["p"] is None and "4 of 5 documents: too few to test a mean against 0" in str(found["note"])


def test_a_theme_of_mostly_zeros_does_not_differ_by_turning_signs_alone() -> None:
    """A theme whose one paragraph a document is 0, among a few that are not: every difference has the same sign."""
    rows = [
        {"paragraph_id": f"{d}:{p}", "document_id": f"d{d:02}", "position": p, "n_printed": 1, "duplicate_of": None,
         "theme": "rare" if p == 0 else "other", "framing": 0.9 if p == 1 + d % 3 else 0.0}
        for d in range(12) for p in range(10)
    ]  # fmt: skip
    paragraphs = pl.DataFrame(rows, schema_overrides={"duplicate_of": pl.String})
    table = estimate_groups(paragraphs, columns=())
    found = row(table, quantity="framing", group_by="theme", group="rare", reference="rest")
    assert found["estimate"] == pytest.approx(-0.1)
    assert found["p"] > 0.2  # by signs alone 2 of 4,096


def test_notes_say_what_few_documents_cannot_show(make_paragraphs: Make) -> None:
    names = [f"d{i}" for i in range(10)]
    paragraphs = make_paragraphs(dict.fromkeys(names, 6), {name: "xy"[i % 2] for i, name in enumerate(names)})
    note = row(estimate_groups(paragraphs), quantity="theme_share", group_by="outlet", group="x", theme="trade",
               reference="rest")["note"]  # fmt: skip
    assert note is None
    varied = np.random.default_rng(1).integers(0, 15, paragraphs.height)
    themes = estimate_groups(paragraphs.with_columns(theme=pl.Series([f"t{number}" for number in varied])))
    compared = themes.filter(quantity="theme_share", group_by="outlet", reference="rest")
    tested = compared.drop_nulls("p")
    assert 0 < tested.height < compared.height  # what is not tested is not counted, and two groups are one test
    said = f"too few documents for a q below 0.05 of one difference alone, among {tested.height // 2} comparisons"
    assert tested["note"].str.contains(said).all()
    one = paragraphs.with_columns(
        framing=pl.when(pl.col("document_id") == "d3").then(0.9).otherwise(0.01 * pl.col("position"))
    )
    whole = row(estimate_groups(one), quantity="framing", group_by="all")
    assert "one document makes most of the spread" in str(whole["note"])
    assert "no draws were given" in str(whole["note"])


def test_more_arrangements_are_drawn_where_many_comparisons_are_made() -> None:
    """Else nothing could differ after correction, however far apart: 600 tests of 2,000 arrangements have a q of .3."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 100))
    values[:6, 0] += 9
    found = exchange_test(values, np.repeat(np.arange(10), 6), 10, n_comparisons=1000, n_resamples=1000)
    assert found.p[0, 0] * 1000 <= 0.05
    assert int(found.arrangements[0, 0]) > 1000 and found.arrangements.min() == 1000


def test_themes_and_framing_may_be_lacking(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES)
    alone = estimate_groups(paragraphs.drop("theme", "themes"))
    assert set(alone["quantity"]) == {"framing", "framing_intensity", "stance"}
    assert set(estimate_groups(paragraphs.drop("framing"))["quantity"]) == {"stance", "theme_share"}
    assert_frame_equal(estimate_groups(paragraphs, columns="outlet"), estimate_groups(paragraphs))
    with pytest.raises(InputError, match=r"pandas DataFrame; give the polars table"):
        estimate_groups(paragraphs.to_pandas())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"framing_draws": np.zeros((5, 3))}, "draws"),
        ({"columns": ("region",)}, "region"),
        ({"columns": ("position",)}, "more than one value"),
        ({"columns": ("theme",)}, "groups of its own"),
        ({"columns": ("outlet", "outlet")}, "twice"),
        ({"stance_draws": {"mars": np.zeros((5, 12))}}, "mars"),
        ({"repeats": "twice"}, '"once" or "printed"'),
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


def test_further_axes_are_estimated_as_framing_is(make_paragraphs: Make) -> None:
    paragraphs = make_paragraphs(SIZES, OUTLETS).with_columns(
        axis_alarm=pl.col("framing"), axis_alarm_low=pl.lit(-1.0), axis_alarm_high=pl.lit(1.0), axis_odd=pl.lit(0.5)
    )
    draws = draws_of(paragraphs)
    table = estimate_groups(paragraphs, framing_draws=draws, axis_draws={"alarm": lambda: draws})
    check_table("estimates", table)
    own = table.filter(quantity="axis")
    assert set(own["target"]) == {"alarm"}  # a column of metadata is no axis
    unlike = ["quantity", "target"]
    assert_frame_equal(own.drop(unlike), table.filter(quantity="framing").drop(unlike))
    without = estimate_groups(paragraphs)
    assert "no draws were given" in str(row(without, quantity="axis", target="alarm", group_by="all")["note"])
