"""What the page on one's own codebook, targets, axis and labels shows is what stands in the example's files."""

from __future__ import annotations

import re

from tests.docs.pages import REPOSITORY, blocks_of


def test_the_blocks_are_those_of_the_example() -> None:
    files = sorted((REPOSITORY / "docs/examples/port_strike").glob("*.[cy]*"))
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    blocks = blocks_of("writing.md")
    shown = [[name for name, text in texts.items() if block.code in text] for block in blocks]
    # What comes after, on a model of one's own, is not of the example: no such model ships.
    assert shown[:6] == [["codebook.yaml"], ["study.yaml"], ["human_interest.yaml"], ["theme_labels.csv"],
                     ["framing_labels.csv"], ["stance_labels.csv"]]  # fmt: skip
    assert not any(shown[6:])


def test_no_page_but_those_of_keys_and_columns_is_empty_outside_the_site() -> None:
    pages = [path for path in (REPOSITORY / "docs").rglob("*.md") if path.parent.name != "api"]
    directives = {path.name: re.findall(r"^```\{([\w-]+)\}", path.read_text(encoding="utf-8"), re.M) for path in pages}
    assert {name for name, found in directives.items() if set(found) - {"toctree"}} == {"tables.md"}
    for name in ("README.md", "docs/index.md", "docs/tables.md"):
        assert "`make docs`" in (REPOSITORY / name).read_text(encoding="utf-8")
