from __future__ import annotations

from typing import Any

import pytest

from research.errors import InputError
from research.inference import gold_labels


def label(themes: list[str], framing: int, stance: str, name: str = "a:0") -> dict[str, Any]:
    return {"id": name, "themes": themes, "framing": framing, "stance": {"india": stance}}


def test_two_of_three() -> None:
    found = gold_labels(
        [
            [label(["trade", "energy", "defense"], -2, "favor")],
            [label(["energy", "trade"], 2, "favor")],
            [label(["energy", "culture"], 1, "absent")],
        ]
    )
    assert found == [{"id": "a:0", "themes": ["energy", "trade"], "framing": 1, "stance": {"india": "favor"}}]


def test_no_majority_is_missing() -> None:
    coders = [[label(["trade"], 0, stance)] for stance in ("favor", "against", "neutral")]
    assert gold_labels(coders)[0]["stance"] == {"india": None}


def test_paragraphs_are_matched_by_id() -> None:
    first = [label(["trade"], 0, "favor", "a:0"), label(["energy"], 2, "favor", "a:1")]
    assert [gold["framing"] for gold in gold_labels([first, first[::-1], first])] == [0, 2]
    with pytest.raises(InputError, match="a:1"):
        gold_labels([first, first[:1]])
    with pytest.raises(InputError, match="twice"):
        gold_labels([[*first, first[0]]])
