"""The recipes for press databases read files of the described forms: the rows are made up, the headers are not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from research.corpus import Corpus, read_corpus
from research.study import load_study
from tests.docs.pages import REPOSITORY, blocks_of

ONE = "The dockers stopped work on Monday, and the harbour stayed closed for the rest of the week, officials said."
TWO = "Talks resume on Friday, the union said, and nobody expected that they would end before the week was out."
OTHER = "A ferry line bought two ships from a yard in the north, which will sail from the spring on, its owners said."

NEXIS = f"""Dockers stop work

The Westhaven Herald

December 5, 2025 Friday

Copyright 2025 Herald Ltd All Rights Reserved

Section: NEWS; Pg. 4

Length: 120 words

Byline: Ann Lee

Body

{ONE}

{TWO}

Load-Date: December 6, 2025

End of Document

Ferries bought

The Courier (Westhaven)

December 6, 2025 Saturday 10:15 PM GMT

Length: 20 words

Body

{OTHER}

Load-Date: December 6, 2025

End of Document
"""
# As one conversion program writes the two columns, and as another does.
FACTIVA = f"""\tHD\tDockers stop work
\tBY\tAnn Lee
\tWC\t120 words
\tPD\t5 December 2025
\tSN\tThe Westhaven Herald
\tSC\tWHER
\tLA\tEnglish
\tLP\t{ONE}
\tTD\t{TWO}
\tNS\tc42 : Labour
\tAN\tDocument WHER000020251205elc500001

HD
Ferries bought
PD
6 December 2025
SN
The Courier
LP
{OTHER}
TD
IN brief, nobody was surprised by it in the town or at the yard, where the work had been short for some years.
AN
Document COUR000020251206elc600002
"""
PROQUEST = f"""____________________________________________________________

Dockers stop work

Author: Lee, Ann

Publication info: The Westhaven Herald ; Westhaven [Westhaven]. 05 Dec 2025: 4.

Full text: {ONE}

{TWO}

Subject: Strikes

Title: Dockers stop work

Publication title: The Westhaven Herald

Publication year: 2025

Publication date: Dec 5, 2025

ProQuest document ID: 2512345678

Document URL: https://www.proquest.com/docview/2512345678

____________________________________________________________

Ferries bought

Title: Ferries bought

Publication title: The Courier

Publication date: Dec 6, 2025

ProQuest document ID: 2512345679

____________________________________________________________

Contact us at: http://www.proquest.com/go/contactsupport
"""
ABSTRACTS = f"""Title,Abstract,StoreId,documentType,Authors,language,pubtitle,pubdate,year,DocumentURL
Dockers stop work,"{ONE}",2512345678,News,"Lee, Ann",English,The Westhaven Herald,"Dec 5, 2025",2025,https://a.example
"""
LEXISNEXISTOOLS = f"""ID,Source_File,Newspaper,Date,Length,Section,Author,Edition,Headline,Graphic,Par_ID,Paragraph
1,nexis/1.DOCX,The Westhaven Herald,2025-12-05,120 words,NEWS,Ann Lee,,Dockers stop work,FALSE,1,"{ONE}"
1,nexis/1.DOCX,The Westhaven Herald,2025-12-05,120 words,NEWS,Ann Lee,,Dockers stop work,FALSE,2,"{TWO}"
"""
EBSCO = f"""TY  - NEWS
T1  - Dockers stop work
T2  - A harbour at rest
AU  - Lee, Ann
JO  - Westhaven Herald, The
JF  - Westhaven Herald, The
J1  - Westhaven Herald, The
PY  - 2025/12/05/
Y1  - 2025/12/05/
AB  - {ONE}
N1  - Accession Number: 514000886; Record Type: Article
UR  - http://search.example.com/login.aspx?direct=true&db=nfh&AN=514000886
DP  - EBSCOhost
DB  - nfh
ER  - 
"""  # noqa: W291
MEDIACLOUD = """id,indexed_date,language,media_name,media_url,publish_date,title,url
a1,2025-12-06 08:00:00,en,herald.example,herald.example,2025-12-05,Dockers stop work,https://herald.example/1
b2,2025-12-06 08:00:00,en,courier.example,courier.example,2025-12-06,Ferries bought,https://courier.example/2
"""
TEXTS = f'url,text\nhttps://herald.example/1,"{ONE}\n{TWO}"\n'
PAGE = f"<html><body><article><h1>Dockers stop work</h1><p>{ONE}</p><p>{TWO}</p></article></body></html>"

Reads = Callable[[str], Corpus]


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Write the page's blocks into a folder, and give what reads a corpus by one of them."""
    monkeypatch.chdir(tmp_path)
    for block in blocks_of("databases.md"):
        name = block.code.splitlines()[0].removeprefix("# ")
        if block.kind == "yaml":
            Path(name).write_text(f"name: made_up\nthemes: {{codebook: null}}\n{block.code}")
        elif block.kind == "python":
            Path(name).write_text(block.code)

    def read(name: str) -> Corpus:
        study = load_study(name)
        given = study.values.corpus
        return read_corpus(
            study.pattern(given.files),
            metadata=None if given.metadata is None else study.path(str(given.metadata)),
            text=given.text,
            rows=given.rows,
            id_column=given.id_column,
            columns=given.columns,
            date_format=given.date_format,
        )

    return read


def _run(*command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _convert(database: str, content: str) -> str:
    Path(database).mkdir()
    Path(f"{database}/1.txt").write_text(content, encoding="utf-8")
    return _run(f"{database}.py", database)


def _rows(corpus: Corpus) -> list[tuple[str, ...]]:
    return corpus.documents.select("document_id", "outlet", "date", "title").rows()


def test_nexis(reads: Reads) -> None:
    assert _convert("nexis", NEXIS) == "2 articles\n"
    corpus = reads("nexis.yaml")
    assert _rows(corpus) == [
        ("1-1", "The Westhaven Herald", "2025-12-05", "Dockers stop work"),
        ("1-2", "The Courier (Westhaven)", "2025-12-06", "Ferries bought"),
    ]
    assert corpus.documents["author"].to_list() == ["Ann Lee", "unknown"]
    assert corpus.texts == [ONE, TWO, OTHER]
    assert "2 documents, 3 paragraphs" in _run("look.py")


def test_lexisnexistools(reads: Reads) -> None:
    Path("lexisnexistools.csv").write_text(LEXISNEXISTOOLS)
    corpus = reads("lexisnexistools.yaml")
    assert _rows(corpus) == [("1", "The Westhaven Herald", "2025-12-05", "Dockers stop work")]
    assert corpus.texts == [ONE, TWO]


def test_factiva(reads: Reads) -> None:
    assert _convert("factiva", FACTIVA) == "2 articles\n"
    corpus = reads("factiva.yaml")
    assert _rows(corpus) == [
        ("COUR000020251206elc600002", "The Courier", "2025-12-06", "Ferries bought"),
        ("WHER000020251205elc500001", "The Westhaven Herald", "2025-12-05", "Dockers stop work"),
    ]
    assert corpus.texts[0] == OTHER and corpus.texts[-2:] == [ONE, TWO]
    assert len(corpus.texts) == 4


def test_proquest(reads: Reads) -> None:
    assert _convert("proquest", PROQUEST) == "1 articles, 1 without full text left out\n"
    corpus = reads("proquest.yaml")
    assert _rows(corpus) == [("2512345678", "The Westhaven Herald", "2025-12-05", "Dockers stop work")]
    assert corpus.texts == [ONE, TWO]
    Path("proquest_abstracts.csv").write_text(ABSTRACTS)
    corpus = reads("proquest_abstracts.yaml")
    assert _rows(corpus) == [("2512345678", "The Westhaven Herald", "2025-12-05", "Dockers stop work")]
    assert corpus.documents.select("author", "url").row(0) == ("Lee, Ann", "https://a.example")


def test_ebsco(reads: Reads) -> None:
    Path("ebsco.ris").write_text(EBSCO)
    corpus = reads("ebsco.yaml")
    row = corpus.documents.row(0, named=True)
    assert (row["outlet"], row["date"], row["title"]) == ("Westhaven Herald, The", "2025-12-05", "Dockers stop work")
    assert row["document_id"] == row["url"] and row["url"].endswith("AN=514000886")
    assert corpus.texts == [ONE]


@pytest.mark.skipif(find_spec("trafilatura") is None, reason="needs the extra `html`")
def test_ebsco_s_pages(reads: Reads) -> None:
    Path("pages").mkdir()
    Path("pages/e001.html").write_text(PAGE)
    Path("metadata.yaml").write_text("e001: {outlet: Herald, date: 2025-12-05}\n")
    corpus = reads("ebsco_pages.yaml")
    assert _rows(corpus)[0][:3] == ("e001", "Herald", "2025-12-05")
    assert corpus.texts == [ONE, TWO]


def test_media_cloud(reads: Reads) -> None:
    Path("mediacloud.csv").write_text(MEDIACLOUD)
    Path("texts.csv").write_text(TEXTS)
    assert _run("join.py") == "1 of 2 stories have no text\n"
    corpus = reads("mediacloud.yaml")
    assert _rows(corpus) == [("a1", "herald.example", "2025-12-05", "Dockers stop work")]
    assert corpus.documents["url"].to_list() == ["https://herald.example/1"]
    assert corpus.texts == [ONE, TWO]
