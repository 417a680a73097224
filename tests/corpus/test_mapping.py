"""Tables of press databases: their own column names and ways to write a date."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from research.corpus import read_corpus
from research.errors import CorpusError

TEXT = "The two ministers met on Monday and signed an agreement on grain exports, officials said."


def _table(dates: list[str]) -> pl.DataFrame:
    n = len(dates)
    return pl.DataFrame(
        {
            "AN": [f"d{i}" for i in range(n)],
            "Full text": [f"{TEXT} It is the {i} time." for i in range(n)],
            "Publication": [f"Paper {i}" for i in range(n)],
            "Published": dates,
        }
    )


def _read(dates: list[str], **more: str) -> list[str]:
    columns = {"outlet": "Publication", "date": "Published"}
    corpus = read_corpus(_table(dates), text="Full text", id_column="AN", columns=columns, **more)  # type: ignore[arg-type]
    assert corpus.documents["outlet"].to_list() == [f"Paper {i}" for i in range(len(dates))]
    assert corpus.documents["document_id"].to_list() == [f"d{i}" for i in range(len(dates))]
    return corpus.documents["date"].to_list()


@pytest.mark.parametrize(
    ("dates", "iso"),
    [
        (["05/12/2025", "31/12/2025"], ["2025-12-05", "2025-12-31"]),
        (["05/12/2025", "12/31/25"], ["2025-05-12", "2025-12-31"]),
        (["05.12.2025", "5 December 2025"], ["2025-12-05", "2025-12-05"]),
        (["2025-12-05", "12/31/2025 08:15"], ["2025-12-05", "2025-12-31"]),
    ],
)
def test_the_column_shows_the_order_of_day_and_month(dates: list[str], iso: list[str]) -> None:
    assert _read(dates) == iso


def test_a_form_decides_what_the_column_does_not_show() -> None:
    assert _read(["05/12/2025"], date_format="%d/%m/%Y") == ["2025-12-05"]
    assert _read(["05/12/2025"], date_format="%m/%d/%Y") == ["2025-05-12"]


@pytest.mark.parametrize(
    "written",
    [
        "December 5, 2025 Friday",
        "December 5, 2025 Friday 10:15 PM GMT",
        "Friday, December 5, 2025",
        "Dec. 5, 2025",
        "2025 Dec 5",
    ],
)
def test_a_date_with_its_weekday_before_or_after(written: str) -> None:
    assert _read([written, "Sept. 4, 2025"]) == ["2025-12-05", "2025-09-04"]


@pytest.mark.parametrize(
    ("dates", "more", "said"),
    [
        (["05/12/2025"], {}, "row 0 (from 0) has the date '05/12/2025', and no date of the column shows"),
        (["31/12/2025", "12/31/2025"], {}, "rows 0 and 1"),
        (["31/12/2025", "31/11/2025"], {}, "row 1 (from 0) has the date '31/11/2025'"),
        (["5 Dec 2025"], {"date_format": "%d/%m/%Y"}, "row 0 (from 0) has the date '5 Dec 2025'"),
    ],
)
def test_a_date_that_cannot_be_known_is_named(dates: list[str], more: dict[str, str], said: str) -> None:
    with pytest.raises(CorpusError) as error:
        _read(dates, **more)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"outlet": "Publicaton"}, "did you mean `Publication`?"),
        ({"text": "Full text"}, "that column is named by `text`"),
        ({"id": "AN"}, "that column is named by `id_column`"),
        ({"outlet": "Publication", "author": "Publication"}, "`Publication` twice"),
        ({"section": "AN"}, "`AN` for `section`, and id_column names it too"),
        ({"section": "Full text"}, "`Full text` for `section`, and text names it too"),
        ("outlet", "give a mapping"),
        ({"outlett": "Publication"}, "`outlett`, which is not known (did you mean `outlet`?)"),
        ({"Outlet": "Publication"}, "(did you mean `outlet`?)"),
        ({"auther": "Publication"}, "(did you mean `author`?)"),
    ],
)
def test_a_wrong_mapping_is_refused(columns: dict[str, str], said: str) -> None:
    with pytest.raises(CorpusError) as error:
        read_corpus(_table(["2025-12-05"]), text="Full text", id_column="AN", columns=columns)
    assert said in str(error.value)


def test_a_mapping_needs_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    with pytest.raises(CorpusError, match="the source holds none"):
        read_corpus(tmp_path / "a.txt", columns={"outlet": "Publication"})
