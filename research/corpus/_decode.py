"""Turn a file's bytes into text, or say what they are instead."""

from __future__ import annotations

import codecs
import re

from research._encoding import save_as_utf8
from research.errors import CorpusError

__all__ = ["LONGEST_LINE", "decode_bytes", "refuse_endless_line", "refuse_half_characters"]

LONGEST_LINE = 1_000_000
"""Characters of a line, which is a paragraph: more than any book has, and what the stages can still hold."""

# How files that are no text begin; what they are, and what to do with them.
_BEGINNINGS = (
    (b"%PDF-", "a PDF document", "export its text"),
    (b"PK\x03\x04", "a zip archive or an Office document such as .docx or .xlsx", "unpack it, or export its text"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document such as .doc or .xls", "export its text"),
    (b"{\\rtf", "a document in rich text format (RTF)", "export its text"),
    (b"\x1f\x8b", "a file compressed with gzip", "unpack it, or name it .jsonl.gz if it is that"),
    (b"\x89PNG", "a PNG picture", "remove it from the source"),
    (b"\xff\xd8\xff", "a JPEG picture", "remove it from the source"),
    (b"GIF8", "a GIF picture", "remove it from the source"),
)
# The longer marks first: UTF-32's little-endian one begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_LONE = re.compile("[\ud800-\udfff]")
# A file whose sample has more control bytes than this is no text.
_MOST_CONTROL = 0.02
_SAMPLE = 65_536


def decode_bytes(data: bytes, name: str) -> str:
    """Give a file's text: UTF-8, or UTF-16 or UTF-32 where its byte-order mark says so.

    Parameters
    ----------
    data : bytes
    name : str
        What error messages call the file.

    Returns
    -------
    str

    Raises
    ------
    CorpusError
        If the bytes are those of another kind of file, hold a NUL character, or are not in that encoding; names the
        line.

    Examples
    --------
    >>> decode_bytes("Zürich".encode("utf-16"), "a.txt")
    'Zürich'
    """
    for beginning, what, remedy in _BEGINNINGS:
        if data.startswith(beginning):
            raise CorpusError(f"{name} is {what}, not text; {remedy}")
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    if encoding.startswith("utf-8"):
        _refuse_binary(data, name)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise CorpusError(_not_decoded(data, encoding, error, name)) from None
    nul = text.find("\0")
    if nul >= 0:
        raise CorpusError(
            f"{name}: line {_line(text[:nul])} holds a NUL character, which no text does; the file is binary or "
            "damaged: save it again as UTF-8"
        )
    return text


def _refuse_binary(data: bytes, name: str) -> None:
    sample = data[:_SAMPLE]
    nul = sample.count(0)
    control = len(sample) - len(sample.translate(None, _CONTROL))
    if nul and max(sample[::2].count(0), sample[1::2].count(0)) > 0.8 * nul > 0.2 * len(sample):
        raise CorpusError(f"{name} looks like UTF-16 without its byte-order mark; save it as UTF-8")
    if len(sample) >= 16 and control > _MOST_CONTROL * len(sample):
        raise CorpusError(
            f"{name} is a binary file, not text: {control} of its first {len(sample)} bytes are control characters; "
            "remove it from the source, or export its text as UTF-8"
        )


def _not_decoded(data: bytes, encoding: str, error: UnicodeDecodeError, name: str) -> str:
    if not encoding.startswith("utf-8"):
        return f"{name} begins as {encoding.upper()} and is not: {error.reason}; save it again as UTF-8"
    at = error.start + (3 if encoding == "utf-8-sig" else 0)  # the mark is not counted
    good = data[:at].decode("utf-8", errors="replace")
    told = f"{name}: line {_line(good)}, byte {at} (0x{data[at]:02x}) is not UTF-8"
    if not good.removeprefix("\ufeff").isascii():
        return f"{told} and earlier lines are, so the file mixes encodings; mend that line, or save the file as UTF-8"
    return f"{told}; {save_as_utf8(data)}"


def _line(before: str) -> int:
    """Give the number, from 1, of the line that follows so much text."""
    return before.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def refuse_endless_line(text: str, where: str) -> None:
    """Refuse a text with a line too long to be a paragraph.

    Raises
    ------
    CorpusError
    """
    if len(text) <= LONGEST_LINE:
        return
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        if len(line) > LONGEST_LINE:
            raise CorpusError(
                f"{where}: line {number} of the text has {len(line):,} characters, and at most {LONGEST_LINE:,} are "
                "read as one paragraph; put each paragraph on a line of its own"
            )


def refuse_half_characters(value: str, where: str) -> None:
    r"""Refuse a text with half of a character, as a careless export writes it (``\ud83d`` alone).

    Raises
    ------
    CorpusError
    """
    if found := None if value.isascii() else _LONE.search(value):
        raise CorpusError(
            f"{where} holds half of a character (U+{ord(found.group()):04X} without its other half); export the text "
            "again as UTF-8"
        )
