"""A corpus that cannot be read ends in one sentence that names the file and the line, row or key."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from research import read_corpus
from research.study._notes import corpus_notes
from tests.study.test_wrong_input import CONFIG, PARAGRAPH, STANCE, refused

__all__ = ["refused"]

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
HEAD = "id,text,date\n"


def office_document() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>" * 50)
    return held.getvalue()


@pytest.mark.parametrize("ending", [".txt", ".csv"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PNG, "is a PNG picture"),
        (office_document(), "Office document such as .docx"),
        (b"%PDF-1.4\n1 0 obj\n", "is a PDF document"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF document"),
        (gzip.compress(PARAGRAPH.encode(), mtime=0), "compressed with gzip"),
        (bytes(range(256)) * 8, "is a binary file"),
        (f"{PARAGRAPH}\na\0b\n".encode(), "line 2 holds a NUL character"),
        (PARAGRAPH.encode("utf-16-le"), "looks like UTF-16"),
        (b"\xff\xfe" + PARAGRAPH.encode("utf-16-le") + b"\x00", "begins as UTF-16 and is not"),
        (f"{PARAGRAPH}\nZürich\n".encode() + "Genève".encode("latin-1"), "line 3, byte 101 (0xe8) is not UTF-8"),
        (b"\xef\xbb\xbfab\n\xe8\n", "line 2, byte 6 (0xe8) is not UTF-8"),
    ],
)
def test_what_is_no_text(refused: Callable[..., str], tmp_path: Path, content: bytes, said: str, ending: str) -> None:
    (tmp_path / f"texts/two{ending}").write_bytes(content)
    found = refused(CONFIG.replace("*.txt", f"two{ending}"))
    assert f"texts/two{ending}" in found and said in found


def test_mixed_encodings_are_called_that(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "texts/two.txt").write_bytes("Zürich\n".encode() + "Genève".encode("latin-1"))
    assert "mixes encodings" in refused()


@pytest.mark.parametrize("ending", [".txt", ".csv"])
def test_windows_1252_is_named(refused: Callable[..., str], tmp_path: Path, ending: str) -> None:
    (tmp_path / f"texts/two{ending}").write_bytes(f"id,text\na,“{PARAGRAPH}”\n".encode("cp1252"))
    found = refused(CONFIG.replace("*.txt", f"two{ending}"))
    assert "line 2, byte" in found and "it looks like Windows-1252; save it as UTF-8 (in Notepad: Save as" in found
    (tmp_path / "texts/two.txt").write_bytes(b"\x81\x8d")
    assert "Windows" not in refused(CONFIG.replace("*.txt", "two.txt"))


def test_empty_folder(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "texts/one.txt").unlink()
    assert "texts/*.txt: no file matches" in refused()


def test_a_folder_for_a_glob(refused: Callable[..., str]) -> None:
    said = refused(CONFIG.replace("/*.txt", ""))
    assert "texts is a folder" in said and "texts/*.txt" in said


def test_an_endless_line(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "texts/two.txt").write_text(f"{PARAGRAPH}\n{f'{PARAGRAPH} ' * 12_000}")
    said = refused()
    assert "texts/two.txt: line 2" in said and "1,080,000 characters" in said and "1,000,000" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEAD}a,,2025\n", "row 0 (from 0) has no text in column `text`"),
        (f"{HEAD}a,{PARAGRAPH},2025\nb,{PARAGRAPH}\n", "row 1 (from 0, below the header) has 2 cells, the header 3"),
        (f"{HEAD}a,{PARAGRAPH},2025\na,{PARAGRAPH},2025\n", "both have the document id `a`"),
        (
            f"{HEAD}a,{PARAGRAPH},12/05/2025\n",
            "row 0 (from 0) has the date '12/05/2025', and no date of the column shows",
        ),
        (f"{HEAD}a,{PARAGRAPH},2025-02-30\n", "the date '2025-02-30' does not exist"),
        (f"{HEAD}a,{PARAGRAPH},soon\n", "the date 'soon' cannot be read"),
        ("id|text\na|b\n", "separated by vertical bars"),
        ("id,a;text\n1,x;y\n", "separated by commas or by semicolons"),
        (f"{HEAD}a,{PARAGRAPH}\0,2025\n", "line 2 holds a NUL character"),
        (f'{HEAD}a,"{PARAGRAPH},2025\n', "is not valid CSV"),
        ("id,text,text\na,b,c\n", "names a column twice"),
        (f"{HEAD}a,{PARAGRAPH},2025\nb,\u200b\ufeff \u200d,2025\n", "row 1 (from 0) has no text in column `text`"),
    ],
)
def test_wrong_csv(refused: Callable[..., str], tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "texts/table.csv").write_text(content.replace(PARAGRAPH, f'"{PARAGRAPH}"', 9), encoding="utf-8")
    if "not valid CSV" in said:
        (tmp_path / "texts/table.csv").write_text(content, encoding="utf-8")
    found = refused(CONFIG.replace("*.txt", "table.csv"))
    assert "texts/table.csv" in found and said in found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": "a", "text": null}', "row 0 (from 0) has no text"),
        ('{"id": "a", "text": 3}', "row 0 (from 0) has 3, a int"),
        ('{"id": "a", "text": "b"}\n{"id": "b", "te', "line 2 is not JSON"),
        ("[" * 100_000, "line 1 is not JSON"),
        ("[1]", "line 1 holds a list"),
        (
            r'{"id": "a", "text": "half \ud83d of it"}',
            "row 0 (from 0), column `text`, holds half of a character (U+D83D",
        ),
        (r'{"id": "\ud83d", "text": "a"}', "column `id`, holds half of a character"),
    ],
)
def test_wrong_jsonl(refused: Callable[..., str], tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "texts/table.jsonl").write_text(content)
    found = refused(CONFIG.replace("*.txt", "table.jsonl"))
    assert "texts/table.jsonl" in found and said in found


@pytest.mark.parametrize("column", ["position", "n_printed"])
@pytest.mark.parametrize("cell", ["-1", "1.5", "Infinity", "NaN", "1e30", '"many"', "[1]"])
def test_wrong_whole_numbers(refused: Callable[..., str], tmp_path: Path, column: str, cell: str) -> None:
    (tmp_path / "texts/table.jsonl").write_text(f'{{"id": "a", "text": "{PARAGRAPH}", "{column}": {cell}}}')
    config = CONFIG.replace("*.txt}", "table.jsonl, rows: paragraphs}")
    assert f"in `{column}`; it must be a whole number" in refused(config)


@pytest.mark.parametrize(("cut", "said"), [(-20, "is not a whole gzip file"), (30, "is not a whole gzip file")])
def test_a_damaged_gzip_file(refused: Callable[..., str], tmp_path: Path, cut: int, said: str) -> None:
    whole = gzip.compress(f'{{"id": "a", "text": "{PARAGRAPH}"}}\n'.encode() * 40, mtime=0)
    damaged = whole[:cut] if cut < 0 else whole[:cut] + b"\xff\xff" + whole[cut + 2 :]
    (tmp_path / "texts/table.jsonl.gz").write_bytes(damaged)
    found = refused(CONFIG.replace("*.txt", "table.jsonl.gz"))
    assert "texts/table.jsonl.gz" in found and said in found


def test_a_cut_parquet_file(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "texts/table.parquet"
    pl.DataFrame({"id": ["a"], "text": [PARAGRAPH]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-10])
    found = refused(CONFIG.replace("*.txt", "table.parquet"))
    assert "texts/table.parquet: cannot be read as parquet" in found


def test_another_language_is_told_in_the_report() -> None:
    german = "Die beiden Minister trafen sich am Montag in Genf und unterzeichneten dort ein Abkommen, so die Beamten. "
    english = "The two ministers met on Monday in Geneva and they signed an agreement there, which was not expected. "
    corpus = read_corpus(pl.DataFrame({"id": ["a", "b"], "text": [german * 6, english * 6]}))
    notes = corpus_notes(SimpleNamespace(language="en"), corpus)
    assert "1 of 2 documents whose language could be judged (a)" in notes[0] and "`en`" in notes[0]
    assert not any("function words" in note for note in corpus_notes(SimpleNamespace(language="de"), corpus))


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (("2026-03-11", "2026-03-11"), "“b” that of “a”, the same day)"),
        (("2026-03-11", "2026-03-12"), "“b” that of “a”, later)"),
        (("2026-03-11", "unknown"), "“b” that of “a”)"),
    ],
)
def test_printings_of_one_text_are_told_with_their_days(dates: tuple[str, str], said: str) -> None:
    text = "The two ministers met on Monday in Geneva and they signed an agreement there, which was not expected. "
    corpus = read_corpus(pl.DataFrame({"id": ["a", "b"], "text": [text * 3] * 2, "date": dates}))
    (note,) = [note for note in corpus_notes(SimpleNamespace(language="en"), corpus) if "independent" in note]
    assert said in note and "`corpus.repeats: printed`" in note and "before" not in note


THEME = "  - {{name: {}, label: {}, definition: {}{}}}\n"
CODEBOOK = "name: own\nlabel: Own\nthemes:\n"


@pytest.mark.parametrize(
    ("themes", "said"),
    [
        ("  []\n", "`themes` is an empty list"),
        (THEME.format("a", "A", "Grain.", "") + THEME.format("a", "B", "Oil.", ""), "two themes have the `name` `a`"),
        (THEME.format("a", "Oil", "Grain.", "") + THEME.format("b", "oil", "Oil.", ""), "`a` and `b` have the `label`"),
        (THEME.format("a", "A", "Trade in grain.", ", exclusions: [trade in grain]"), "both among its `exclusions`"),
        (THEME.format("a", "A", "''", ""), "theme `a`, key `definition`: found an empty text"),
        (THEME.format("a", "A", "Grain.", ", anchors: ['']"), "key `anchors`, item 1: found an empty text"),
        (THEME.format("a", "A", r'"\ud83d"', ""), "holds half of a character"),
    ],
)
def test_wrong_codebook(refused: Callable[..., str], tmp_path: Path, themes: str, said: str) -> None:
    (tmp_path / "own.yaml").write_text(CODEBOOK + themes)
    found = refused(CONFIG.replace("codebook: null", "codebook: own.yaml"))
    assert "own.yaml" in found and said in found


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ("    bharat: {aliases: [india]}\n", "the alias `india` stands for both `india` and `bharat`"),
        ("    russia: {aliases: ['']}\n", "target `russia`: the alias '' has no letter or digit"),
        ("    russia: {aliases: ['--']}\n", "target `russia`: the alias '--' has no letter or digit"),
        ("    russia: {aliases: [], implied_by: [[moscow]]}\n", "`implied_by` names `moscow`"),
    ],
)
def test_wrong_targets(refused: Callable[..., str], targets: str, said: str) -> None:
    found = refused(CONFIG + STANCE + targets)
    assert "study.yaml: key `stance.targets`" in found and said in found


def test_aliases_of_aliases(refused: Callable[..., str]) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "its aliases repeat to more than" in refused("\n".join(lines) + "\n")
