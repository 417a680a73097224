"""HTML pages and RIS exports."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from research.corpus import read_corpus
from research.errors import CorpusError

FIRST = "The two ministers met on Monday in Geneva and signed an agreement on grain exports, officials said."
SECOND = "Farmers on both sides of the border had asked for the agreement since the harvest failed in the summer."
THIRD = "It is to be put before the parliaments in the spring, and the opposition has promised to support it there."
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Grain deal signed | Herald</title>
<meta property="og:site_name" content="Herald"><meta property="article:published_time" content="2025-12-05T08:00:00Z">
<meta property="og:title" content="Grain deal signed"><meta name="author" content="Ana Ruiz"></head><body>
<nav><ul><li><a href="/a">Home</a></li><li><a href="/b">World</a></li><li><a href="/c">Sport</a></li></ul></nav>
<article><h1>Grain deal signed</h1><p>{FIRST}</p><h2>What the farmers say</h2><p>{SECOND}</p><p>{THIRD}</p></article>
<footer><p>Copyright Herald. All rights reserved.</p></footer><script>var a = "<p>no</p>";</script></body></html>"""


def test_a_page_gives_its_article_and_what_it_says_of_itself(tmp_path: Path) -> None:
    (tmp_path / "h1_grain.html").write_text(PAGE, encoding="utf-8")
    corpus = read_corpus(tmp_path / "*.html")
    assert corpus.texts == [FIRST, SECOND, THIRD]
    row = corpus.documents.row(0, named=True)
    assert (row["document_id"], row["outlet"], row["date"]) == ("h1", "Herald", "2025-12-05")
    assert (row["title"], row["author"]) == ("Grain deal signed", "Ana Ruiz")
    assert {"title", "heading"} >= set(corpus.units["kind"]) - {"paragraph"}


def test_metadata_of_the_user_go_before_the_pages(tmp_path: Path) -> None:
    (tmp_path / "h1_grain.htm").write_text(PAGE, encoding="utf-8")
    (tmp_path / "metadata.yaml").write_text("h1: {outlet: The Herald, date: 2025-12-06}\n")
    row = read_corpus(tmp_path / "*.htm", metadata=tmp_path / "metadata.yaml").documents.row(0, named=True)
    assert (row["outlet"], row["date"], row["title"]) == ("The Herald", "2025-12-06", "Grain deal signed")


def test_a_page_in_its_own_encoding(tmp_path: Path) -> None:
    page = PAGE.replace('charset="utf-8"', 'charset="iso-8859-1"').replace("Geneva", "Genève").replace("Ruiz", "Ruíz")
    (tmp_path / "h1.html").write_bytes(page.encode("latin-1"))
    corpus = read_corpus(tmp_path / "h1.html")
    assert "Genève" in corpus.texts[0] and corpus.documents["author"].to_list() == ["Ana Ruíz"]


def test_a_page_without_an_article_is_refused(tmp_path: Path) -> None:
    (tmp_path / "menu.html").write_text("<html><body><nav></nav></body></html>")
    with pytest.raises(CorpusError, match=r"menu\.html: no article was found"):
        read_corpus(tmp_path / "menu.html")


def test_without_trafilatura_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "h1.html").write_text(PAGE)
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(CorpusError, match=r"newsframing\[html\]"):
        read_corpus(tmp_path / "h1.html")


RECORDS = f"""TY  - NEWS
AN  - 4711
TI  - Grain deal signed
AU  - Ruiz, Ana
AU  - Hall, Tom
T2  - Herald
DA  - 2025/12/05/
AB  - {FIRST}
{SECOND}

{THIRD}
ER  - 

TY  - NEWS
T1  - A second
JF  - Courier
PY  - 2025
N2  - {THIRD.replace("spring", "autumn")}
ER  - 
"""  # noqa: W291


def test_records_become_documents_with_their_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "export.ris").write_text(RECORDS)
    corpus = read_corpus(tmp_path / "export.ris")
    assert corpus.texts == [FIRST, SECOND, THIRD, THIRD.replace("spring", "autumn")]
    shown = corpus.documents.select("document_id", "outlet", "date", "title", "author").rows()
    assert shown[0] == ("4711", "Herald", "2025-12-05", "Grain deal signed", "Ruiz, Ana; Hall, Tom")
    assert shown[1][:4] == ("export-2", "Courier", "2025", "A second")


def test_any_tag_can_be_the_text_or_a_column(tmp_path: Path) -> None:
    (tmp_path / "export.ris").write_text(RECORDS.replace("N2  -", "N1  -").replace("AB  -", "N1  -"))
    corpus = read_corpus(tmp_path / "export.ris", text="N1", columns={"section": "TY"})
    assert len(corpus.texts) == 4 and corpus.documents["section"].to_list() == ["NEWS", "NEWS"]


def test_what_holds_the_text_is_no_metadata(tmp_path: Path) -> None:
    (tmp_path / "export.ris").write_text(RECORDS.replace("ER  - ", f"N1  - {FIRST}\nER  - "))
    for text in ("text", "N1"):
        columns = read_corpus(tmp_path / "export.ris", text=text).documents.columns
        assert not {"AB", "N2", "text"} & set(columns)
    named = read_corpus(tmp_path / "export.ris", columns={"abstract": "AB"})
    assert "abstract" in named.documents.columns


def test_the_outlet_in_an_export_of_ebscohost(tmp_path: Path) -> None:
    record = RECORDS.replace("T2  - Herald", "T2  - A series\nJO  - Herald\nDP  - EBSCOhost")
    (tmp_path / "export.ris").write_text(record)
    assert read_corpus(tmp_path / "export.ris").documents["outlet"].to_list() == ["Herald", "Courier"]
    (tmp_path / "export.ris").write_text(record.replace("DP  - EBSCOhost\n", ""))
    assert read_corpus(tmp_path / "export.ris").documents["outlet"].to_list() == ["A series", "Courier"]


def test_a_tag_named_for_the_date_is_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "export.ris").write_text(RECORDS.replace("PY  - 2025", "DA  - 2025/12//evening"))
    corpus = read_corpus(tmp_path / "export.ris", columns={"date": "DA"})
    assert corpus.documents["date"].to_list() == ["2025-12-05", "2025-12"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("A line.\n" + RECORDS, "line 1 \\('A line.'\\) belongs to no record"),
        (RECORDS.replace("ER  - \n", "", 1), "line 13 begins a record before"),
        (RECORDS.rstrip()[: -len("ER  -")], "the last record does not end"),
    ],
)
def test_broken_records_are_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "export.ris").write_text(content)
    with pytest.raises(CorpusError, match=said):
        read_corpus(tmp_path / "export.ris")
