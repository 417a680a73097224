"""The blocks of code on a page of the documentation, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["REPOSITORY", "Block", "blocks_of", "in_one_line"]

REPOSITORY = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block, and what the page says that it prints."""

    kind: str
    code: str
    prints: str = ""


def blocks_of(page: str) -> list[Block]:
    found = [
        Block(*match.groups()) for match in _FENCE.finditer((REPOSITORY / "docs" / page).read_text(encoding="utf-8"))
    ]
    printed = {i: block.code for i, block in enumerate(found) if block.kind == "text"}
    return [
        Block(block.kind, block.code, printed.get(i + 1, "")) for i, block in enumerate(found) if block.kind != "text"
    ]


def in_one_line(text: str) -> str:
    """Undo the line breaks of a page: where it breaks long lines is not what is compared."""
    return " ".join(text.split())
