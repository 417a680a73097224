"""Read an axis file: matched sets of anchor texts in three voices, each set about one subject."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research._language import language_code
from research._shipped import nearest, shipped
from research._yaml import read_yaml_mapping
from research.errors import ConfigError, InputError

__all__ = ["AnchorText", "AxisFile", "read_axis"]

_HEADER = ("name", "label", "language", "positive", "neutral", "negative", "definition", "source", "reads")
_READS = ["voice", "content"]
_REQUIRED = ("name", "label", "language", "positive", "neutral", "negative", "anchors")


@dataclass(frozen=True)
class AnchorText:
    """One anchor: its text, its pole (-1, 0 or +1), its subject, and where it stands, for messages."""

    text: str
    pole: int
    subject: str
    where: str


@dataclass(frozen=True)
class AxisFile:
    """An axis file as read: the header's values and its anchors in the file's order.

    Attributes
    ----------
    path : Path
    name, label, language, definition, source : str
    reads : str
        "voice", "content", or "" where the file does not say.
    poles : tuple of str
        Names of the negative, the neutral and the positive voice.
    anchors : tuple of AnchorText
    """

    path: Path
    name: str
    label: str
    language: str
    definition: str
    source: str
    reads: str
    poles: tuple[str, str, str]
    anchors: tuple[AnchorText, ...]


def read_axis(name_or_path: str | Path) -> AxisFile:
    """Read an axis that ships, by its name, or one of your own, by the path of its YAML file.

    Raises
    ------
    ConfigError
        If the file is missing, is not YAML, has an unknown or missing key, an entry that holds no text, the same text
        twice, or anchors of one pole only. The sentence names the file, the entry and the key.
    """
    path = shipped("axes", name_or_path)
    content = read_yaml_mapping(path)
    known = [*_HEADER, "anchors"]
    for key in content:
        if key not in known:
            raise ConfigError(f"{path}: unknown key `{key}`{nearest(key, known)}; allowed are {', '.join(known)}")
    for key in _REQUIRED:
        if content.get(key) in (None, "", []):
            raise ConfigError(f"{path}: the key `{key}` is missing or empty; an axis needs {', '.join(_REQUIRED)}")
    header = {key: _text(content.get(key, ""), path, f"key `{key}`", empty=True) for key in _HEADER}
    try:
        language = language_code(header["language"])
    except InputError as error:
        raise ConfigError(f"{path}: the key {error}") from None
    poles = (header["negative"], header["neutral"], header["positive"])
    if len(set(poles)) < 3 or "subject" in poles:
        raise ConfigError(
            f"{path}: `positive`, `neutral` and `negative` are {', '.join(poles[::-1])}; they name the three voices of "
            "an entry, so they must differ from one another and from `subject`"
        )
    if header["reads"] not in ("", *_READS):
        raise ConfigError(
            f"{path}: the key `reads` is {header['reads']!r}{nearest(header['reads'], _READS)}; allowed are voice (how "
            "a text tells) and content (what it tells)"
        )
    entries = content["anchors"]
    if not isinstance(entries, list):
        raise ConfigError(f"{path}: `anchors` is a {type(entries).__name__}; it must be a list of entries")
    anchors: list[AnchorText] = []
    for number, entry in enumerate(entries, start=1):
        anchors += _read_entry(entry, number, poles, path)
    seen: dict[str, str] = {}
    for anchor in anchors:
        if anchor.text in seen:
            raise ConfigError(f"{path}, {anchor.where}: the same text stands in {seen[anchor.text]}; keep one of them")
        seen[anchor.text] = anchor.where
    for pole, voice in ((1, poles[2]), (-1, poles[0])):
        if not any(anchor.pole == pole for anchor in anchors):
            raise ConfigError(f"{path}: no entry has a text in `{voice}`; an axis needs anchors of both poles")
    return AxisFile(
        path=path,
        name=header["name"],
        label=header["label"],
        language=language,
        definition=header["definition"],
        source=header["source"],
        reads=header["reads"],
        poles=poles,
        anchors=tuple(anchors),
    )


def _read_entry(entry: Any, number: int, poles: tuple[str, str, str], path: Path) -> list[AnchorText]:
    where = f"entry {number}"
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}, {where}: this is a {type(entry).__name__}; an entry is `subject:` and its voices")
    subject = _text(entry.get("subject", ""), path, f"{where}, key `subject`")
    where = f"{where} (subject `{subject}`)"
    allowed = ["subject", *poles[::-1]]
    anchors = []
    for key, value in entry.items():
        if key not in allowed:
            raise ConfigError(
                f"{path}, {where}: unknown key `{key}`{nearest(str(key), allowed)}; allowed are {', '.join(allowed)}"
            )
        if key == "subject":
            continue
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            text = _text(text, path, f"{where}, key `{key}`")
            anchors.append(AnchorText(text, poles.index(key) - 1, subject, where))
    if not anchors:
        raise ConfigError(f"{path}, {where}: it has no text; give at least one of {', '.join(poles[::-1])}")
    return anchors


def _text(value: Any, path: Path, where: str, empty: bool = False) -> str:
    if not isinstance(value, str):
        found = "empty" if value is None else f"a {type(value).__name__} ({value!r})"
        raise ConfigError(f"{path}, {where}: this is {found}; it must be text, in quotes if need be")
    text = " ".join(value.split())
    if not text and not empty:
        raise ConfigError(f"{path}, {where}: the text is missing or empty; write it or drop the key")
    return text
