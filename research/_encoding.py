"""Say how a file that is not UTF-8 becomes it."""

from __future__ import annotations

__all__ = ["save_as_utf8"]


def save_as_utf8(data: bytes) -> str:
    """Give what to do with a file of these bytes, and what they seem to be.

    Examples
    --------
    >>> save_as_utf8("Zürich".encode("cp1252"))
    'it looks like Windows-1252; save it as UTF-8 (in Notepad: Save as, Encoding UTF-8)'
    """
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "save the file as UTF-8"
    return "it looks like Windows-1252; save it as UTF-8 (in Notepad: Save as, Encoding UTF-8)"
