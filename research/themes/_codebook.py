"""A codebook: the themes a study looks for, each with a definition, anchors, examples and exclusions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from research._shipped import nearest, shipped
from research._yaml import read_yaml_mapping
from research.errors import ConfigError, InputError

__all__ = ["Codebook", "CodebookTheme"]

_KEYS = ("name", "label", "language", "source", "themes")
_THEME_KEYS = ("name", "label", "definition", "anchors", "examples", "exclusions")
_OPTIONAL = {"language", "source", "definition", "anchors", "examples", "exclusions"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BETWEEN_PHRASES = re.compile(r"[;,]\s|[.!?]\s")


class _Encoder(Protocol):
    def encode(self, texts: Sequence[str]) -> Any: ...


@dataclass(frozen=True)
class CodebookTheme:
    """One theme of a codebook.

    Attributes
    ----------
    name : str
        Lower-case letters, digits and `_`; what the tables say.
    label : str
        What the figures say.
    definition : str
        What belongs to the theme; the whole of it and each of its phrases serve as anchors. A list of what the theme is
        about serves better than remarks on how to code it. It may be empty where there are anchors or examples.
    anchors : tuple of str
        Sentences that have the theme; there may be none where there is a definition.
    exclusions : tuple of str
        Sentences that look like the theme and are not; a sentence nearer to one of them than to any anchor does not
        count for the theme.
    examples : tuple of str
        Whole paragraphs that have the theme; they serve as anchors.
    """

    name: str
    label: str
    definition: str = ""
    anchors: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def phrases(self) -> tuple[str, ...]:
        """The definition's parts between commas, semicolons and sentence ends, in their order.

        Examples
        --------
        >>> CodebookTheme("energy", "Energy", "Oil and gas; power plants, the grid.").phrases
        ('Oil and gas', 'power plants', 'the grid')
        """
        parts = (part.strip().rstrip(".;,") for part in _BETWEEN_PHRASES.split(self.definition))
        return tuple(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True)
class Codebook:
    """The themes a study looks for.

    Attributes
    ----------
    themes : tuple of CodebookTheme
        At least one; no name twice.
    name, label, language, source : str
        Of the codebook as a whole.
    anchor_vectors : ndarray of float32, shape (n_anchor_texts, n_dimensions), or None
        Each theme's definition, anchors and examples, in the order of the themes; None before `encode`.
    anchor_theme : ndarray of int64, shape (n_anchor_texts,), or None
        The theme each is of.
    defines : ndarray of bool, shape (n_anchor_texts,), or None
        Whether it is the definition.
    label_vectors : ndarray of float32, shape (n_themes, n_dimensions), or None
    phrase_vectors, titled_vectors : ndarray of float32, shape (n_phrases, n_dimensions), or None
        The definitions' phrases alone, and after their theme's label ("Energy: power plants"), which says what a phrase
        that could be of any theme is about.
    phrase_theme : ndarray of int64, shape (n_phrases,), or None
    exclusion_vectors : ndarray of float32, shape (n_exclusions, n_dimensions), or None
    exclusion_theme : ndarray of int64, shape (n_exclusions,), or None

    Raises
    ------
    ConfigError
        If there is no theme, a name or label comes twice, a name is not made of lower-case letters, digits and `_`, or
        a theme has neither a definition nor an anchor nor an example, or excludes what it is about.
    InputError
        If the themes are no list of `CodebookTheme`.

    Examples
    --------
    >>> energy = CodebookTheme("energy", "Energy", "The supply of energy.", ("India bought crude oil.",))
    >>> Codebook((energy,)).names
    ('energy',)
    """

    themes: tuple[CodebookTheme, ...]
    name: str = "codebook"
    label: str = "Codebook"
    language: str = "en"
    source: str = ""
    anchor_vectors: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    anchor_theme: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)
    defines: NDArray[np.bool_] | None = field(default=None, repr=False, compare=False)
    label_vectors: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    phrase_vectors: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    titled_vectors: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    phrase_theme: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)
    exclusion_vectors: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    exclusion_theme: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        listed = isinstance(self.themes, Sequence) and not isinstance(self.themes, str)
        wrong = [each for each in self.themes if not isinstance(each, CodebookTheme)] if listed else [self.themes]
        if wrong:
            raise InputError(
                f"`themes` is given {wrong[0]!r}; give a list of `CodebookTheme`s, or read a codebook by its name or "
                "path with `Codebook.load`"
            )
        _check_themes(self.themes, f"codebook `{self.name}`")

    @property
    def names(self) -> tuple[str, ...]:
        """The themes' names, in their order."""
        return tuple(theme.name for theme in self.themes)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Codebook:
        """Read a codebook that ships, by its name, or one of your own, by its path (ending in .yaml).

        Raises
        ------
        ConfigError
            If there is no such file, it is not YAML, or a key is unknown, missing, of the wrong type or empty; the
            message names the file, the theme and the key, what is allowed and the nearest known name.
        """
        path = shipped("codebooks", name_or_path)
        raw = read_yaml_mapping(path)
        _check_keys(raw, _KEYS, str(path))
        if not isinstance(raw["themes"], list) or not raw["themes"]:
            raise ConfigError(f"{path}: `themes` is {_kind(raw['themes'])}; it must be a list of at least one theme")
        themes = []
        for number, entry in enumerate(raw["themes"], 1):
            if not isinstance(entry, dict):
                raise ConfigError(
                    f"{path}: theme {number} is {_kind(entry)}; it must have the keys {', '.join(_THEME_KEYS)}"
                )
            name = entry.get("name")
            where = f"{path}: theme `{name}`" if isinstance(name, str) else f"{path}: theme {number}"
            _check_keys(entry, _THEME_KEYS, where)
            themes.append(
                CodebookTheme(
                    name=_text(entry, "name", where),
                    label=_text(entry, "label", where),
                    definition=_text(entry, "definition", where) if "definition" in entry else "",
                    anchors=_texts(entry, "anchors", where),
                    exclusions=_texts(entry, "exclusions", where),
                    examples=_texts(entry, "examples", where),
                )
            )
        _check_themes(themes, str(path))
        return cls(
            themes=tuple(themes),
            name=_text(raw, "name", str(path)),
            label=_text(raw, "label", str(path)),
            language=_text(raw, "language", str(path)) if "language" in raw else "en",
            source=_text(raw, "source", str(path)) if "source" in raw else "",
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the texts, without the vectors, as a mapping that JSON can hold."""
        about = {name: getattr(self, name) for name in ("name", "label", "language", "source")}
        return {**about, "themes": [asdict(theme) for theme in self.themes]}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Codebook:
        """Take up again what `to_dict` gave."""
        themes = []
        for theme in saved["themes"]:
            values: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in theme.items()
            }
            themes.append(CodebookTheme(**values))
        return cls(tuple(themes), saved["name"], saved["label"], saved["language"], saved["source"])

    def encode(self, encoder: _Encoder) -> Codebook:
        """Give the same codebook with the vectors of its texts.

        Parameters
        ----------
        encoder : Encoder
            Whatever has an `encode` that turns a list of texts into an array of as many rows.

        Returns
        -------
        Codebook
        """
        groups = (
            [[text for text in (t.definition, *t.anchors, *t.examples) if text] for t in self.themes],
            [[theme.label] for theme in self.themes],
            [list(theme.phrases) for theme in self.themes],
            [[f"{theme.label}: {phrase}" for phrase in theme.phrases] for theme in self.themes],
            [list(theme.exclusions) for theme in self.themes],
        )
        texts = [[text for each in group for text in each] for group in groups]
        vectors = np.asarray(encoder.encode([text for group in texts for text in group]), dtype=np.float32)
        anchors, labels, phrases, titled, exclusions = np.split(
            vectors, np.cumsum([len(group) for group in texts])[:-1]
        )
        numbers = np.arange(len(self.themes), dtype=np.int64)
        owner = [np.repeat(numbers, [len(each) for each in group]) for group in groups]
        return replace(
            self,
            anchor_vectors=anchors,
            anchor_theme=owner[0],
            defines=np.array(
                [
                    bool(t.definition) and k == 0
                    for t, g in zip(self.themes, groups[0], strict=True)
                    for k in range(len(g))
                ],
                dtype=bool,
            ),
            label_vectors=labels,
            phrase_vectors=phrases,
            titled_vectors=titled,
            phrase_theme=owner[2],
            exclusion_vectors=exclusions,
            exclusion_theme=owner[4],
        )


def _check_themes(themes: Sequence[CodebookTheme], where: str) -> None:
    if not themes:
        raise ConfigError(f"{where}: there is no theme; a codebook needs at least one")
    seen: set[str] = set()
    labels: dict[str, str] = {}
    for theme in themes:
        if not _NAME.fullmatch(theme.name):
            raise ConfigError(
                f"{where}: theme `{theme.name}`, key `name`: use lower-case letters, digits and `_`, beginning with a "
                "letter, such as `public_health`"
            )
        if theme.name in seen:
            raise ConfigError(f"{where}: two themes have the `name` `{theme.name}`; give each its own")
        seen.add(theme.name)
        other = labels.setdefault(" ".join(theme.label.casefold().split()), theme.name)
        if other != theme.name:
            raise ConfigError(
                f"{where}: the themes `{other}` and `{theme.name}` have the `label` {theme.label!r}, by which figures "
                "tell them apart; give each its own"
            )
        own = {_plain(text) for text in (theme.definition, *theme.phrases, *theme.anchors, *theme.examples)}
        for text in theme.exclusions:
            if _plain(text) in own:
                raise ConfigError(
                    f"{where}: theme `{theme.name}` has {text!r} both among its `exclusions` and among what it is "
                    "about; remove one of them"
                )
        if not (theme.definition or theme.anchors or theme.examples):
            raise ConfigError(
                f"{where}: theme `{theme.name}` has no `definition`, no `anchors` and no `examples`; give at least one"
            )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".;,")


def _check_keys(raw: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in raw:
        if key not in known:
            raise ConfigError(
                f"{where}: unknown key `{key}`{nearest(str(key), list(known))}; allowed are {', '.join(known)}"
            )
    for key in known:
        if key not in raw and key not in _OPTIONAL:
            raise ConfigError(
                f"{where}: the key `{key}` is missing; needed are {', '.join(k for k in known if k not in _OPTIONAL)}"
            )


def _text(raw: dict[str, Any], key: str, where: str) -> str:
    value = raw[key]
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where}, key `{key}`: found {_kind(value)}; it must be a text that is not empty")
    return " ".join(value.split())


def _texts(raw: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Read a list of texts; a key that is not there is an empty one."""
    value = raw.get(key, [])
    if not isinstance(value, list):
        raise ConfigError(f"{where}, key `{key}`: found {_kind(value)}; it must be a list of texts")
    for number, item in enumerate(value, 1):
        if not isinstance(item, str) or not item.strip():
            hint = "; put a text with a colon in quotes" if isinstance(item, dict) else ""
            raise ConfigError(
                f"{where}, key `{key}`, item {number}: found {_kind(item)}; it must be a text that is not empty{hint}"
            )
    return tuple(" ".join(item.split()) for item in value)


def _kind(value: Any) -> str:
    """Say what a YAML value is, in a reader's words."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "an empty text" if not value.strip() else f"the text {value!r}"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    if isinstance(value, dict):
        return "a mapping (`key: value`)"
    return f"{value!r}"
