"""An agency's report that several outlets print."""

from __future__ import annotations

import polars as pl
import pytest

from research.corpus import _duplicates, read_corpus

REPORT = [
    "The two ministers met on Monday in Geneva and signed an agreement on grain exports, officials said.",
    "Farmers on both sides of the border had asked for the agreement since the harvest failed in summer.",
    "It is to be put before the parliaments in the spring, and the opposition has promised to support it.",
    "Prices had risen by a fifth since the talks were broken off last year over the fees at the river port.",
]
OWN = [f"Our own reporter spoke with {who} on the quay, who did not want to be named." for who in ("a", "b", "c", "d")]

BACKGROUND = [
    "The port is the country's second largest and has belonged to the state since the war, which few people know.",
    "It was dredged in the spring so that larger ships can enter, and the town has paid for half of that work.",
]


def _printings(**texts: list[str]) -> dict[str, str]:
    frame = pl.DataFrame({"id": list(texts), "text": ["\n".join(lines) for lines in texts.values()]})
    return read_corpus(frame).printings


def test_what_was_first_printed_elsewhere_counts_for_every_report_that_has_it() -> None:
    first, second = [*REPORT[:1], *OWN], [*REPORT[1:2], *BACKGROUND]
    assert _printings(a=first, b=second, c=[*REPORT], d=[*REPORT]) == {"d": "c"}


def test_what_very_many_print_tells_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A paragraph counts for as many unlike reports as are kept for it, the first ones."""
    notice = " ".join(f"notice{word}" for word in range(30))
    shared = " ".join(f"shared{word}" for word in range(30))
    own = [" ".join(f"own{number}word{word}" for word in range(40)) for number in range(4)]
    texts = {"a": [notice, own[0]], "b": [notice, shared, own[1]], "c": [notice, shared, " ".join(own[2].split()[:20])]}
    assert _printings(**texts) == {"c": "b"}
    monkeypatch.setattr(_duplicates, "_COMMON", 1)
    assert _printings(**texts) == {}


def test_printings_cut_and_longer_name_the_first() -> None:
    longer = [
        *OWN,
        *REPORT[:3],
        "Ships lay idle for weeks, said the union of dockers, which signed nothing.",
    ]
    found = _printings(a=REPORT, b=REPORT[:2], c=longer, d=[*OWN[:1], *BACKGROUND])
    assert found == {"b": "a", "c": "a"}


def test_a_printing_that_shares_each_half_with_another_printing_is_one() -> None:
    # `c` has two paragraphs that `a` lacks and that `b`, a printing of `a`, has
    found = _printings(a=REPORT[:2], b=[*REPORT], c=REPORT[2:])
    assert found == {"b": "a", "c": "a"}


def test_shared_background_is_no_printing() -> None:
    assert _printings(a=[*REPORT[:1], *OWN[:2]], b=[*REPORT[:1], *OWN[2:]]) == {}
