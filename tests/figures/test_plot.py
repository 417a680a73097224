"""Bytes repeat, files are complete, and a figure can be made again from its CSV."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from research.errors import InputError
from research.figures import keywords_by_theme, remake, stance_by_target, style

_SCRIPT = """
import hashlib, runpy, sys
made = runpy.run_path(sys.argv[1])
tables = made["study"](n_documents=3, n_paragraphs=20, n_themes=4)
for plot in made["all_plots"](tables):
    for kind in ("png", "svg", "pdf"):
        print(plot.name, kind, hashlib.sha256(plot.render(kind, dpi=100)).hexdigest())
"""


def test_the_same_bytes_in_processes_with_other_hash_seeds_and_settings(tmp_path, plots):
    outputs = []
    for seed in ("1", "77"):
        folder = tmp_path / seed
        folder.mkdir()
        if seed == "77":
            (folder / "matplotlibrc").write_text("font.size: 22\nlines.linewidth: 9\nsvg.hashsalt: other\n")
        outputs.append(
            subprocess.run(
                [sys.executable, "-c", _SCRIPT, str(Path(__file__).with_name("synthetic.py"))],
                env={**os.environ, "PYTHONHASHSEED": seed, "MATPLOTLIBRC": str(folder), "TZ": f"UTC{seed[0]}"},
                capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
            ).stdout
        )  # fmt: skip
    assert outputs[0].count("\n") == 3 * len(plots)
    assert outputs[0] == outputs[1]


def test_saving_twice_in_another_order_gives_the_same_bytes(plots):
    for plot in plots:
        first = {kind: plot.render(kind, dpi=60) for kind in ("png", "svg", "pdf")}
        again = {kind: plot.render(kind, dpi=60) for kind in ("pdf", "svg", "png")}
        assert first == again, plot.name


def test_files_hold_no_date_and_no_version(plots, tmp_path):
    for plot in plots[:1]:
        files = plot.save(tmp_path / "new" / "folder")
        assert [file.suffix for file in files] == [".png", ".svg", ".pdf", ".csv"]
        assert b"CreationDate" not in files[2].read_bytes()
        assert b"Software" not in files[0].read_bytes()[:2000]
        assert b"dc:date" not in files[1].read_bytes()


def test_a_figure_comes_back_from_its_csv(plots, tables, tmp_path):
    narrow = stance_by_target(tables["paragraphs"], tables["estimates"], columns=1)
    for plot, columns in [(narrow, 1), *((plot, 2) for plot in plots)]:
        path = tmp_path / f"{plot.name}.csv"
        plot.data.write_csv(path)
        again = remake(plot.name, path, columns=columns)
        assert again.data.equals(plot.data), plot.name
        assert again.caption == plot.caption
        assert again.render("png", dpi=60) == plot.render("png", dpi=60), plot.name


def test_no_text_in_a_csv_is_a_formula_and_remake_reads_it_as_it_was(tables, tmp_path):
    labels = {"russia": "=1+1", "india": "+cmd", "china": "-2", "us_west": "@sum", "partnership": "'quoted'"}
    plot = stance_by_target(tables["paragraphs"], tables["estimates"], labels=labels)
    path = plot.save(tmp_path)[-1]
    cells = path.read_text().replace('"', "").replace("\n", ",").split(",")
    assert not set(labels.values()) & set(cells) - {"'quoted'"}
    assert {"'=1+1", "'+cmd", "'-2", "'@sum", "'quoted'"} <= set(cells)
    again = remake(plot.name, path)
    assert again.data.equals(plot.data)
    assert set(again.data["label"]) == set(labels.values())


def test_remake_says_what_is_wrong(plots, tmp_path):
    with pytest.raises(InputError, match="theme_map"):
        remake("theme_mop", tmp_path / "x.csv")
    with pytest.raises(InputError, match=r"x\.csv"):
        remake("theme_map", tmp_path / "x.csv")
    path = tmp_path / "other.csv"
    plots[1].data.write_csv(path)
    with pytest.raises(InputError, match=r"other\.csv"):
        remake("theme_map", path)


def test_row_order_changes_nothing(synthetic, tables, plots):
    turned = {name: table.reverse() if name != "themes" else table for name, table in tables.items()}
    for plot, again in zip(plots, synthetic.all_plots(turned), strict=True):
        assert again.data.equals(plot.data), plot.name


def test_drawing_leaves_the_users_settings_alone(tables):
    before = dict(mpl.rcParams)
    keywords_by_theme(tables["keywords"], tables["themes"], columns=1).render("svg")
    assert dict(mpl.rcParams) == before


def test_a_figure_is_one_or_two_columns_wide():
    assert style(1)["figure.figsize"][0] == 3.35
    with pytest.raises(InputError, match="3"):
        style(3)


def test_no_place_depends_on_the_last_bits_of_the_layout(plots):
    # Two in twenty-four processes gave another SVG before places were rounded.
    for plot in plots:
        for axes in plot.figure.axes:
            bounds = axes.get_position().bounds
            assert bounds == pytest.approx([round(edge, 6) for edge in bounds], abs=1e-12)
