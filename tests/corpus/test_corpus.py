"""Reading files, tables and frames, and refusing what cannot be read."""

from __future__ import annotations

import glob
import gzip
import json
import random
import unicodedata
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from research._csv import safe_csv
from research._tables import check_table
from research.corpus import Corpus, is_text_file, read_corpus, representatives
from research.errors import ConfigError, CorpusError, InputError

ONE = "The ministers met on Friday in the old town to speak about the harbour."
TWO = "They agreed on a plan that both parliaments have to accept by the summer."


def same(a: Corpus, b: Corpus) -> bool:
    return a.documents.equals(b.documents) and a.units.equals(b.units) and a.paragraphs.equals(b.paragraphs)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b_x.txt").write_text(f"{ONE}\nRead more\n{TWO}", encoding="utf-8-sig")
    (tmp_path / "a_x.md").write_text(f"# Title of it\n\n{ONE}\n", encoding="utf-8")
    return tmp_path


def test_files_in_any_order_give_the_same_tables(folder: Path) -> None:
    paths = [folder / "a_x.md", folder / "b_x.txt"]
    corpus = read_corpus(paths)
    assert same(corpus, read_corpus(paths[::-1]))
    assert same(corpus, read_corpus(str(folder / "*")))
    assert corpus.paragraphs["paragraph_id"].to_list() == ["a:1", "b:0", "b:2"]
    assert corpus.paragraphs["position"].to_list() == [0, 0, 1]
    assert corpus.paragraphs["duplicate_of"].to_list() == [None, "a:1", None]
    assert representatives(corpus.paragraphs).tolist() == [0, 0, 2]
    assert representatives(corpus.paragraphs[1:]).tolist() == [0, 1]
    assert list(corpus.files) == ["a_x.md", "b_x.txt"]
    kept = corpus.units.filter(kind="paragraph")
    assert kept["text"].to_list() == corpus.paragraphs["text"].to_list()
    check_table("units", corpus.units)


def test_what_was_left_out_can_be_read() -> None:
    corpus = read_corpus(pl.DataFrame({"id": ["a"], "text": [f"{ONE}\n+++\nRead more"]}))
    assert corpus.units.select("kind", "text").rows()[1:] == [("boilerplate", "+++"), ("boilerplate", "Read more")]
    assert corpus.units["reason"][1] == "no letters: '+++'"


def test_every_kind_of_table_reads_alike(tmp_path: Path) -> None:
    rows = [
        {"id": "2", "text": f"{TWO}\nAdvertisement", "outlet": "The Post", "date": "2024-05-01", "lean": None},
        {"id": "1", "text": f"{ONE}\n{TWO}", "outlet": "", "date": "May 3, 2024", "lean": "left"},
    ]
    frame = pl.DataFrame(rows)
    frame.write_csv(tmp_path / "t.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    lines = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "t.jsonl").write_text(lines)
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    corpus = read_corpus(frame)
    assert corpus.documents.rows() == [
        ("1", "unknown", "2024-05-03", "unknown", "unknown", "left"),
        ("2", "The Post", "2024-05-01", "unknown", "unknown", "unknown"),
    ]
    assert corpus.documents.columns[-1] == "lean"
    pandas = pytest.importorskip("pandas")
    others = [
        pandas.DataFrame(rows),
        frame.reverse(),
        *(tmp_path / f"t.{end}" for end in ("csv", "parquet", "jsonl", "jsonl.gz")),
    ]
    assert all(same(corpus, read_corpus(other)) for other in others)
    assert same(corpus, read_corpus(frame.rename({"text": "body", "id": "key"}), text="body", id_column="key"))


def test_rows_as_paragraphs_are_taken_as_they_are() -> None:
    frame = pl.DataFrame({"text": ["Read more", ONE, "Short"], "outlet": ["A", "A", None]})
    corpus = read_corpus(frame, rows="paragraphs")
    assert corpus.paragraphs["paragraph_id"].to_list() == ["table:0", "table:1", "table:2"]
    assert corpus.paragraphs["text"].to_list() == frame["text"].to_list()
    assert corpus.paragraphs["outlet"].to_list() == ["A", "A", "A"]
    assert len(read_corpus(frame[:1], rows="paragraphs").paragraphs) == 1


def test_paragraphs_of_a_corpus_come_back_unchanged(folder: Path) -> None:
    corpus = read_corpus(str(folder / "*"))
    shuffled = corpus.paragraphs[random.Random(0).sample(range(3), 3)]
    again = read_corpus(shuffled, rows="paragraphs")
    assert again.paragraphs.equals(corpus.paragraphs)
    check_table("units", again.units)


LONG = "The ministers of both countries met on Friday in the old town to speak about the new harbour and its cranes."


def test_a_repeat_within_a_document_is_folded_into_the_first() -> None:
    frame = pl.DataFrame(
        {
            "document_id": ["a", "a", "a", "a", "b", "b"],
            "text": [LONG, ONE, f" {ONE.upper()}", LONG.replace("Friday", "Monday"), TWO, ONE],
            "n_printed": [1, 2, 3, 1, 1, 1],
        }
    )
    corpus = read_corpus(frame, rows="paragraphs")
    assert corpus.paragraphs["paragraph_id"].to_list() == ["a:0", "a:1", "b:4", "b:5"]
    assert corpus.paragraphs["n_printed"].to_list() == [2, 5, 1, 1]
    assert corpus.paragraphs["position"].to_list() == [0, 1, 0, 1]
    assert corpus.paragraphs["duplicate_of"].to_list() == [None, None, None, "a:1"]
    assert corpus.units["kind"].to_list() == ["paragraph"] * 2 + ["repeat"] * 2 + ["paragraph"] * 2
    check_table("units", corpus.units)
    assert read_corpus(corpus.paragraphs, rows="paragraphs").paragraphs.equals(corpus.paragraphs)


def table_of(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["paragraph_id", "document_id", "text", "duplicate_of"], orient="row")


def test_a_given_duplicate_of_follows_the_fold_and_may_name_what_is_not_there() -> None:
    rows = [("a:0", "a", ONE, None), ("a:1", "a", ONE, None), ("b:0", "b", ONE, "a:1"), ("c:0", "c", TWO, "x:7")]
    found = read_corpus(table_of(*rows), rows="paragraphs").paragraphs
    assert found["duplicate_of"].to_list() == [None, "a:0", "x:7"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("a:0", "a", ONE, "a:0")], "row 0 .* its own document"),
        ([("a:0", "a", ONE, None), ("a:1", "a", TWO, "a:0")], "row 1 .* its own document"),
        (
            [("a:0", "a", ONE, None), ("b:0", "b", ONE, "a:0"), ("c:0", "c", ONE, "b:0")],
            "row 2 .* itself repeats `a:0`",
        ),
        ([("a:0", "a", ONE, "b:0"), ("b:0", "b", ONE, "a:0")], "row 0 .* itself repeats `a:0`"),
        (
            [("a:0", "a", ONE, "x:0"), ("a:1", "a", ONE, None), ("b:0", "b", ONE, "a:1")],
            "row 2 .* `a:0`, which itself repeats `x:0`",
        ),
    ],
)
def test_a_duplicate_of_that_cannot_be_is_refused(rows: list[tuple[str, str, str, str | None]], says: str) -> None:
    with pytest.raises(CorpusError, match=says):
        read_corpus(table_of(*rows), rows="paragraphs")


def test_duplicate_of_is_in_all_tables_or_none(tmp_path: Path) -> None:
    table_of(("a:0", "a", ONE, None)).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"id": ["b"], "text": [ONE]}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(CorpusError, match=r"b\.parquet has no column `duplicate_of`"):
        read_corpus(str(tmp_path / "*.parquet"), rows="paragraphs")


def test_a_document_has_one_outlet_and_date(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["a", "a"], "text": [ONE, TWO], "outlet": ["A", "B"], "date": ["2024", "2024"]})
    with pytest.raises(
        CorpusError, match=r"document `a` has the outlet 'A' in the table: row 0 .* and 'B' in .* row 1"
    ):
        read_corpus(frame, rows="paragraphs")
    with pytest.raises(CorpusError, match="the date '2023'"):
        read_corpus(frame.with_columns(outlet=pl.lit("A"), date=pl.Series(["2023", "2024"])), rows="paragraphs")
    (tmp_path / "m.yaml").write_text("a:\n  outlet: C\n")
    assert read_corpus(frame, rows="paragraphs", metadata=tmp_path / "m.yaml").documents["outlet"].to_list() == ["C"]


def test_two_id_columns() -> None:
    frame = pl.DataFrame({"id": ["p1", "p2"], "document_id": ["a", "b"], "text": [ONE, TWO]})
    paragraphs = read_corpus(frame, rows="paragraphs")
    assert paragraphs.documents.select("document_id", "id").rows() == [("a", "p1"), ("b", "p2")]
    with pytest.raises(CorpusError, match=r"row 0 .* 'p1' in `id` and 'a' in `document_id`"):
        read_corpus(frame)
    named = read_corpus(frame, id_column="document_id")
    assert named.documents.select("document_id", "id").rows() == [("a", "p1"), ("b", "p2")]
    assert read_corpus(frame.with_columns(id="document_id")).documents["document_id"].to_list() == ["a", "b"]
    for rows in ("documents", "paragraphs"):
        with pytest.raises(CorpusError, match="no column `key`"):
            read_corpus(frame, rows=rows, id_column="key")  # type: ignore[arg-type]


def test_brackets_in_names(tmp_path: Path) -> None:
    folder = tmp_path / "news [2024]"
    folder.mkdir()
    (tmp_path / "news 2").mkdir()
    (tmp_path / "news 2" / "z.txt").write_text(TWO)
    (folder / "a[1].txt").write_text(ONE)
    (folder / "a1.txt").write_text(TWO)
    assert list(read_corpus(folder / "a[1].txt").files) == ["a[1].txt"]
    for pattern in (str(folder / "*.txt"), glob.escape(str(folder)) + "/*.txt"):
        assert list(read_corpus(pattern).files) == ["a1.txt", "a[1].txt"]
    with pytest.raises(CorpusError, match=r"news \[2024\]/\*\.md: no file matches"):
        read_corpus(glob.escape(str(folder)) + "/*.md")
    with pytest.raises(CorpusError, match=r"the folder .*none \[1\] does not exist"):
        read_corpus(glob.escape(str(tmp_path / "none [1]")) + "/*.txt")


def test_csv_written_by_this_package_reads_back(tmp_path: Path) -> None:
    texts = [f"{sign}1 is what he wrote." for sign in "=+-@"] + ["'Tis so.", "It's -1."]
    frame = pl.DataFrame({"id": [str(i) for i in range(6)], "text": texts, "outlet": ["@home"] * 6})
    (tmp_path / "t.csv").write_text(safe_csv(frame))
    found = read_corpus(tmp_path / "t.csv", rows="paragraphs").paragraphs
    assert found["text"].to_list() == texts
    assert set(found["outlet"]) == {"@home"}
    for sign in ("\t", "\r"):
        (tmp_path / "s.csv").write_bytes(f'id,text\n1,"\'{sign}{ONE}"\n'.encode())
        assert read_corpus(tmp_path / "s.csv", rows="paragraphs").texts == [ONE]


def test_files_whose_names_begin_alike_have_their_whole_names_for_ids(tmp_path: Path) -> None:
    (tmp_path / "a_1.txt").write_text(ONE)
    (tmp_path / "a_2.txt").write_text(TWO)
    (tmp_path / "b_3.txt").write_text(TWO)
    (tmp_path / "m.yaml").write_text("a_1: {outlet: A}\na_2.txt: {outlet: B}\nb: {outlet: C}\n")
    documents = read_corpus(str(tmp_path / "*.txt"), metadata=tmp_path / "m.yaml").documents
    assert documents["document_id"].to_list() == ["a_1", "a_2", "b_3"]
    assert documents["outlet"].to_list() == ["A", "B", "C"]
    alone = read_corpus(str(tmp_path / "[b]*.txt"), metadata=None).documents
    assert alone["document_id"].to_list() == ["b"]
    (tmp_path / "m.yaml").write_text("a: {outlet: A}\n")
    with pytest.raises(ConfigError, match="`a` is no document of this corpus"):
        read_corpus(str(tmp_path / "*.txt"), metadata=tmp_path / "m.yaml")


@pytest.mark.parametrize("key", ["b", "b_3", "b_3.txt"])
def test_metadata_names_a_file_by_any_of_its_names(tmp_path: Path, key: str) -> None:
    (tmp_path / "b_3.txt").write_text(ONE)
    (tmp_path / "m.yaml").write_text(f"{key}: {{outlet: C}}\n")
    documents = read_corpus(str(tmp_path / "*.txt"), metadata=tmp_path / "m.yaml").documents
    assert documents.select("document_id", "outlet").rows() == [("b", "C")]
    (tmp_path / "m.yaml").write_text("b: {outlet: C}\nb_3: {outlet: D}\n")
    with pytest.raises(ConfigError, match="`b_3` is the document that `b` names too"):
        read_corpus(str(tmp_path / "*.txt"), metadata=tmp_path / "m.yaml")


def test_names_with_accents_in_either_form(tmp_path: Path) -> None:
    (tmp_path / f"{unicodedata.normalize('NFD', 'Grünwald')}.txt").write_text(ONE)
    (tmp_path / f"{unicodedata.normalize('NFC', 'Genève')}.txt").write_text(TWO)
    keys = f"{unicodedata.normalize('NFC', 'Grünwald')}: {{outlet: A}}\n{unicodedata.normalize('NFD', 'Genève')}: "
    (tmp_path / "m.yaml").write_text(f"{keys}{{outlet: B}}\n", encoding="utf-8")
    documents = read_corpus(str(tmp_path / "*.txt"), metadata=tmp_path / "m.yaml").documents
    assert documents.select("document_id", "outlet").rows() == [("Genève", "B"), ("Grünwald", "A")]


@pytest.mark.parametrize("column", ["id", "document_id"])
def test_metadata_as_a_table(folder: Path, column: str) -> None:
    file = folder / "metadata.csv"
    file.write_text(
        f"{column};outlet;date;section\na;Post;02.03.2026;World\nb_x.txt;;12.03.2026;\n", encoding="utf-8-sig"
    )
    corpus = read_corpus([folder / "a_x.md", folder / "b_x.txt"], metadata=file)
    assert corpus.documents.select("document_id", "outlet", "date", "section").rows() == [
        ("a", "Post", "2026-03-02", "World"),
        ("b", "unknown", "2026-03-12", "unknown"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name,outlet\na,Post\n", "no column `id` or `document_id`"),
        ("id,Outlet\na,Post\n", "column `Outlet` is not known (did you mean `outlet`?)"),
        ("id,outlet\nc,Post\n", "row 0 (from 0): `c` is no document"),
        ("id,outlet\na,Post\na,Post\n", "row 1 (from 0): `a` is the document that `a` names too"),
        ("id,outlet\n,Post\n", "row 0 (from 0) has no `id`"),
        ("id,date\na,soon\n", "row 0 (from 0), column `date`: the date 'soon' cannot be read"),
        ("id,text\na,soon\n", "column `text` cannot be set here"),
    ],
)
def test_a_wrong_table_of_metadata_is_one_sentence(folder: Path, content: str, says: str) -> None:
    (folder / "metadata.csv").write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_corpus(folder / "a_x.md", metadata=folder / "metadata.csv")
    assert "metadata.csv" in str(caught.value) and says in str(caught.value)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_parted_by_other_marks(tmp_path: Path, mark: str) -> None:
    rows = [["id", "text", "outlet"], ["1", f'"{ONE}, it; said"', "Post"], ["2", f'"{TWO}"', "Post, The"]]
    (tmp_path / "t.csv").write_text("\r\n".join(mark.join(row) for row in rows), encoding="utf-8-sig")
    corpus = read_corpus(tmp_path / "t.csv")
    assert corpus.documents["outlet"].to_list() == ["Post", "Post, The"]
    assert corpus.texts[0] == f"{ONE}, it; said"


def test_a_header_that_two_marks_part(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f'id;text;"title, full"\n1;"{ONE}";One\n')
    assert read_corpus(tmp_path / "t.csv").documents.columns[-1] == "title, full"
    (tmp_path / "t.csv").write_text(f'id,"a;b",text\n1,x,"{ONE}"\n')
    assert "a;b" in read_corpus(tmp_path / "t.csv").documents.columns
    (tmp_path / "t.csv").write_text("id,a;text\n1,x;y\n")
    with pytest.raises(CorpusError, match="may be separated by commas or by semicolons"):
        read_corpus(tmp_path / "t.csv")


def test_text_files_are_known_by_their_ending() -> None:
    assert all(is_text_file(name) for name in ("a.TXT", "b/c.Md", Path("*.md")))
    assert not any(is_text_file(name) for name in ("a.csv", "txt", "a.txt.parquet"))


def test_what_is_no_source_is_refused_in_one_sentence() -> None:
    pandas = pytest.importorskip("pandas")
    for source in (pandas.Series([ONE]), pl.Series([ONE]), ONE.encode(), {ONE}, None, 3, (x for x in [ONE])):
        with pytest.raises(
            CorpusError, match=r"a \w+ cannot be read; give a path, a glob, a list of them, or a pandas"
        ):
            read_corpus(source)
    assert len(read_corpus(pl.LazyFrame({"id": ["a"], "text": [ONE]})).paragraphs) == 1  # type: ignore[arg-type]
    frame = pl.DataFrame({"id": ["a"], "text": [ONE]})
    for wrong in ({"metadata": {}}, {"text": ["text"]}, {"id_column": None}, {"rows": ["documents"]}):
        with pytest.raises(CorpusError):
            read_corpus(frame, **wrong)  # type: ignore[arg-type]


def test_further_keys_stay_allowed(folder: Path) -> None:
    file = folder / "metadata.yaml"
    file.write_text("a: {section: World, lean: left, rate: 3, outlets: 2, outlet: Post}\n")
    assert read_corpus(folder / "a_x.md", metadata=file).documents["section"].to_list() == ["World"]


def test_metadata_file(folder: Path) -> None:
    file = folder / "metadata.yaml"
    file.write_text('"a":\n  outlet: The Post\n  date: 2024-05-01\n  section: World\n')
    corpus = read_corpus([folder / "a_x.md", folder / "b_x.txt"], metadata=file)
    assert corpus.documents.rows()[0] == ("a", "The Post", "2024-05-01", "unknown", "unknown", "World")
    assert corpus.paragraphs["outlet"].to_list() == ["The Post", "unknown", "unknown"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('"c":\n  outlet: x', "`c`"),
        ('"a": x', "`a`"),
        ('"a":\n  outlet: [x]', "outlet"),
        ('"a":\n  date: 3/4/2024', "3/4/2024"),
        ('"a": !!python/object/apply:os.system ["true"]', "line 1"),
        ('"a":\n  outlet: "x', "line"),
        ("a: b: c", "line 1"),
        ("a: {outlett: x}", "`a: outlett` is not known (did you mean `outlet`?)"),
        ("a: {Outlet: x}", "did you mean `outlet`?"),
        ("a: {titel: x}", "did you mean `title`?"),
        ("a: {datum: 2026-03-02}", "did you mean `date`?"),
        (
            "a: {outlet:Herald, date: 2026-03-02}",
            "a key holds no `:`; write `key: value`, with a space after the colon",
        ),
        ("a: {section: x, 'Herald; date': 2026-03-02}", "a key holds no `;`"),
        ("a: {outlet=Herald}", "a key holds no `=`"),
        ("a: {outlet, date: 2026-03-02}", "`a: outlet` has no value"),
        ("a: {date: 2026-13-02}", "line 1: the date 2026-13-02 does not exist"),
        ("a: {date: March 2, 2026}", "the key `2026` is no text; put it in quotes, or the value before it"),
    ],
)
def test_wrong_metadata_is_one_sentence(folder: Path, content: str, says: str) -> None:
    file = folder / "metadata.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_corpus(folder / "a_x.md", metadata=file)
    message = str(caught.value)
    assert "metadata.yaml" in message
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"\xef\xbb\xbf \n", "empty"),
        ("a.txt", b"\xef\xbb\xbfabc \xff", "byte 7"),
        ("a.txt", b"Advertisement\n***", "no paragraph"),
        ("a.pdf", b"x", ".pdf"),
        ("a.csv", b"id,body\n1,x", "`body`"),
        ("a.csv", b"id,text\n1,x\n2,\n", "row 1"),
        ("a.csv", b"id,text\n1,x,y\n", "row 0"),
        ("a.csv", b"id,text\n1,One is here.\n1,Two is here.\n", "`1`"),
        ("a.csv", b"text\nOne is here.\nTwo is here.\n", "`id`"),
        ("a.jsonl", b'{"id": 1, "text": "x"}\n{"id": 2, "text": 3}', "row 1"),
        ("a.jsonl", b'{"id": 1}\n[', "line 2"),
        ("a.jsonl.gz", b"no", "gzip"),
        ("a.parquet", b"no parquet", "parquet"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        read_corpus(tmp_path / name)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sources_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a_1.txt").write_text(ONE)
    (tmp_path / "a_1.md").write_text(TWO)
    for source, says in [
        (tmp_path / "none" / "*.txt", "does not exist"),
        (tmp_path / "*.csv", "no file matches"),
        (tmp_path / "b.txt", "no such file"),
        (tmp_path, "is a folder"),
        ([], "empty"),
        (tmp_path / "*", "document id `a_1`"),
    ]:
        with pytest.raises(CorpusError, match=says):
            read_corpus(source if isinstance(source, list) else str(source))
    with pytest.raises(CorpusError, match="tables only"):
        read_corpus(tmp_path / "a_1.txt", rows="paragraphs")
    with pytest.raises(CorpusError, match="a dict"):
        read_corpus({"text": ["x"]})  # type: ignore[arg-type]


def test_what_stands_around_a_mark_that_goes_leaves_one_space(tmp_path: Path) -> None:
    line = "The minister said on Monday  ![](a.png)  that ` talks ` would **go on** for as long as they were needed."
    (tmp_path / "a.md").write_text(f"# Talks\n\n{line}\n", encoding="utf-8")
    first = read_corpus(str(tmp_path / "a.md")).paragraphs
    assert "  " not in first["text"].item()
    assert read_corpus(first, rows="paragraphs").paragraphs.equals(first)


def test_the_mark_before_a_formula_is_dropped_at_the_start_of_a_cell_and_nowhere_else(tmp_path: Path) -> None:
    texts = [
        "=1+1 is what the cell said, they wrote.",
        "''= was written twice, they said.",
        "He wrote '-5 and '+5 there.",
    ]
    frame = pl.DataFrame({"id": ["a", "b", "c"], "text": texts})
    (tmp_path / "t.csv").write_text(safe_csv(frame), encoding="utf-8")
    assert read_corpus(tmp_path / "t.csv").texts == read_corpus(frame).texts == texts


def test_scores_come_from_pandas_too_and_no_column_comes_twice() -> None:
    corpus = read_corpus(pl.DataFrame({"id": ["a", "b"], "text": [ONE, TWO]}))
    scores = pd.DataFrame({"framing": [0.5, None], "theme": ["trade", None]}, index=[7, 3])
    table = corpus.with_scores(scores, pl.DataFrame({"stance": [1, 0]}))
    assert table.select("framing", "theme", "stance").rows() == [(0.5, "trade", 1), (None, None, 0)]
    for doubled in ((scores, scores), (corpus.paragraphs.select("text", pl.lit(1).alias("framing")), scores)):
        with pytest.raises(InputError, match=r"the column `(framing|text)` of table [12] is in .* already; rename"):
            corpus.with_scores(*doubled)
    with pytest.raises(InputError, match="table 1 is a list; give a data frame"):
        corpus.with_scores([0.5, 0.1])


def test_a_table_of_paragraphs_taken_for_documents_is_told_how_to_say_so() -> None:
    with pytest.raises(CorpusError, match=r"has no column `id`.* add row numbers as `id`; .* set `rows: paragraphs`"):
        read_corpus(pl.DataFrame({"text": [ONE, TWO]}))
    with pytest.raises(CorpusError, match=r"both have the document id `a`.*set `rows: paragraphs`"):
        read_corpus(pl.DataFrame({"id": ["a", "a"], "text": [ONE, TWO]}))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([ONE, None], "row 1 .*; fill it or remove the row"),
        (["", ONE, None], "row 0 .*, nor has 1 further row; fill"),
        (["", None, " "], "row 0 .*, nor have 2 further rows; fill"),
    ],
)
def test_rows_without_a_text_are_counted(texts: list[str | None], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        read_corpus(pl.DataFrame({"id": list("abc")[: len(texts)], "text": texts}))


def test_a_language_is_a_code_of_either_size() -> None:
    frame = pl.DataFrame({"id": ["a"], "text": [ONE]})
    assert read_corpus(frame, language="EN").language == "en" and read_corpus(frame, language="hi").language == "hi"
    for wrong, meant in (("english", "en"), ("en-US", "en"), ("deutsch", "de"), ("spa", "es"), ("chinese", "zh")):
        with pytest.raises(InputError, match=rf"`language` is '{wrong}'; .* \(did you mean `{meant}`\?\)"):
            read_corpus(frame, language=wrong)
