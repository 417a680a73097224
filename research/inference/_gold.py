"""Gold labels out of several coders' labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from research.errors import InputError

__all__ = ["gold_labels"]


def gold_labels(coders: Sequence[Sequence[Mapping[str, Any]]], min_coders: int = 2) -> list[dict[str, Any]]:
    """Join coders' labels: themes that enough coders named, the median framing, the majority stance.

    Parameters
    ----------
    coders : sequence of sequences of mappings
        For each coder one mapping a paragraph: ``{"id": str, "themes": [str, primary first], "framing": int, "stance":
        {target: str}}``, in any order, the same paragraphs for every coder.
    min_coders : int
        How many coders must name a theme.

    Returns
    -------
    list of dict
        In the first coder's order, with the keys ``id``; ``themes``, those named first by most coders first, then by
        how many named them, how early, and by name; ``framing``; ``stance``, None for a target where no label has more
        than half of the coders.

    Raises
    ------
    InputError
        If a coder names a paragraph twice, or coders labelled different paragraphs or targets.

    Examples
    --------
    >>> labels = {"id": "a:0", "themes": ["trade", "energy"], "framing": 1, "stance": {"india": "favor"}}
    >>> other = {"id": "a:0", "themes": ["trade"], "framing": -1, "stance": {"india": "neutral"}}
    >>> third = {"id": "a:0", "themes": ["trade"], "framing": 2, "stance": {"india": "favor"}}
    >>> gold_labels([[labels], [other], [third]])
    [{'id': 'a:0', 'themes': ['trade'], 'framing': 1, 'stance': {'india': 'favor'}}]
    """
    if not coders:
        raise InputError("there are no coders; give one list of labels for each")
    by_id: list[dict[str, Mapping[str, Any]]] = []
    for number, coder in enumerate(coders):
        found = {label["id"]: label for label in coder}
        if len(found) < len(coder):
            twice = Counter(label["id"] for label in coder).most_common(1)[0][0]
            raise InputError(f"coder {number} labels the paragraph `{twice}` twice; keep one")
        if by_id and (odd := sorted(found.keys() ^ by_id[0].keys())):
            raise InputError(f"coders 0 and {number} did not label the same paragraphs, `{odd[0]}` is of one alone")
        by_id.append(found)
    return [_joined([found[name] for found in by_id], min_coders) for name in by_id[0]]


def _joined(labels: Sequence[Mapping[str, Any]], min_coders: int) -> dict[str, Any]:
    """Join the labels of one paragraph."""
    places: dict[str, list[int]] = {}
    for label in labels:
        for theme in dict.fromkeys(label["themes"]):
            places.setdefault(theme, []).append(list(label["themes"]).index(theme))
    themes = [theme for theme, found in places.items() if len(found) >= min_coders]
    themes.sort(
        key=lambda theme: (
            -places[theme].count(0), -len(places[theme]), sum(places[theme]) / len(places[theme]), theme,
        )
    )  # fmt: skip
    targets = list(labels[0]["stance"])
    stance: dict[str, str | None] = {}
    for target in targets:
        votes = Counter(label["stance"].get(target) for label in labels)
        if None in votes:
            raise InputError(f"paragraph `{labels[0]['id']}`: a coder gives no stance toward `{target}`")
        name, count = votes.most_common(1)[0]
        stance[target] = name if 2 * count > len(labels) else None
    return {
        "id": labels[0]["id"],
        "themes": themes,
        "framing": median(label["framing"] for label in labels),
        "stance": stance,
    }
