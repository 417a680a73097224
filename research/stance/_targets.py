"""What stance is taken toward: named targets and the aliases by which texts mention them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from research._shipped import nearest
from research.errors import ConfigError

__all__ = ["Target", "alias_pattern", "check_targets"]


@dataclass(frozen=True)
class Target:
    """A target of stance.

    Attributes
    ----------
    name : str
        Lower-case letters, digits and `_`; it names the columns ``stance_<name>``.
    label : str
    aliases : tuple of str
        Names in texts, demonyms and adjectives among them ("Russia", "Russian", "the Kremlin"). One with a capital
        letter is matched as written or all in capitals, one without in any case; plural and possessive forms are
        found as well.
    shared_aliases : tuple of str
        Names that mean this target together with others, such as "both countries" or "Indo-Russian": unlike an alias,
        several targets may have one.
    implied_by : tuple of tuple of str
        Groups of other targets' names: a sentence that mentions every target of a group implies this one, if the text
        mentions none of its aliases.

    Examples
    --------
    >>> Target("india", "India", ("India", "New Delhi")).implied_by
    ()
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    shared_aliases: tuple[str, ...] = ()
    implied_by: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        for key in ("aliases", "shared_aliases"):
            given = getattr(self, key)
            if isinstance(given, str) or not all(isinstance(alias, str) for alias in given):
                raise ConfigError(f"target `{self.name}`: `{key}` is {given!r}; give a tuple of texts")
        object.__setattr__(self, "aliases", tuple(self.aliases))
        object.__setattr__(self, "shared_aliases", tuple(self.shared_aliases))
        object.__setattr__(self, "implied_by", tuple(tuple(group) for group in self.implied_by))


_APOSTROPHES = "['’ʼ‘]"
_HYPHENS = "[-\u2010\u2011\u2013]"
# Neither a letter nor a digit: an underscore ends a word, as in text that marks emphasis by it.
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"
# Names of so many letters are found in capitals too; "US" and "it" in capitals are other words than "us" and "IT".
_CAPITALS_FROM = 4


def alias_pattern(aliases: Sequence[str]) -> re.Pattern[str]:
    """Give one pattern for a target's aliases, the longest tried first.

    Every alias is found with the endings of the plural and the possessive, across line breaks, with any apostrophe and
    any hyphen, and, from four letters on, in capitals. Demonyms and adjectives are aliases of their own.

    Parameters
    ----------
    aliases : sequence of str

    Returns
    -------
    re.Pattern

    Examples
    --------
    >>> alias_pattern(["US", "the west"]).findall("US's aims, and The West gave us much")
    ["US's", 'The West']
    >>> alias_pattern(["ally", "India-Russia"]).findall("ALLIES of the India–Russia pact")
    ['ALLIES', 'India–Russia']
    """
    parts = []
    for alias in sorted(aliases, key=lambda alias: (-len(alias), alias)):
        form = _written(alias)
        if alias == alias.lower():
            parts.append(f"(?i:{form})")
        else:
            parts.append(form)
            capitals = alias.upper()
            if sum(letter.isalpha() for letter in alias) >= _CAPITALS_FROM and capitals != alias:
                parts.append(_written(capitals))
    # A bare apostrophe is a possessive after an s; elsewhere it closes a quotation.
    possessive = f"(?:{_APOSTROPHES}[sS]|(?<=[sS]){_APOSTROPHES})?"
    return re.compile(f"{_START}(?:{'|'.join(parts)}){possessive}{_END}")


def _written(alias: str) -> str:
    """Give the pattern of one alias and its plural."""
    words = [re.escape(word) for word in alias.split()]
    form = re.sub(r"['’]", _APOSTROPHES, r"\s+".join(words)).replace(r"\-", _HYPHENS)
    ending = "S|ES" if alias.isupper() and len(alias) >= _CAPITALS_FROM else "s|es"
    if re.search("[^aeiouAEIOU][yY]$", alias):
        return f"{form[:-1]}(?:{form[-1]}s?|{'IES' if form[-1] == 'Y' else 'ies'})"
    return f"{form}(?:{ending})?"


def check_targets(targets: Sequence[Target]) -> None:
    """Refuse targets that cannot be told apart.

    Parameters
    ----------
    targets : sequence of Target

    Raises
    ------
    ConfigError
        Naming the target and the alias or name at fault.

    Examples
    --------
    >>> check_targets([Target("india", "India", ("India",)), Target("bharat", "Bharat", ("India",))])
    Traceback (most recent call last):
    research.errors.ConfigError: the alias `India` stands for both `india` and `bharat`; keep it at one of them
    """
    if not targets:
        raise ConfigError("`targets` is empty; name at least one target")
    for target in targets:
        if not isinstance(target, Target):
            raise ConfigError(f"`targets` holds {target!r}, a {type(target).__name__}; give `Target`s")
    names = [target.name for target in targets]
    owner: dict[str, str] = {}
    for target in targets:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", target.name):
            raise ConfigError(f"target `{target.name}`: a name has lower-case letters, digits and `_`, as in `us_west`")
        if names.count(target.name) > 1:
            raise ConfigError(f"target `{target.name}` is named twice; give each target its own name")
        for suffix in ("_score", "_low", "_high"):  # the columns of another target would be called the same
            if target.name.endswith(suffix) and target.name.removesuffix(suffix) in names:
                raise ConfigError(
                    f"target `{target.name}` is called like a column of target `{target.name.removesuffix(suffix)}`; "
                    "rename one"
                )
        if not target.aliases and not target.shared_aliases and not target.implied_by:
            raise ConfigError(f"target `{target.name}` has neither aliases nor `implied_by`; nothing could mention it")
        for alias in target.aliases + target.shared_aliases:
            if not re.search(r"\w", alias):
                raise ConfigError(f"target `{target.name}`: the alias {alias!r} has no letter or digit")
        for alias in target.aliases:
            key = " ".join(alias.split())
            for other_key, other in owner.items():
                # An alias without capitals matches any case, so it clashes with every way to write it.
                loose = key.lower() == other_key.lower() and key.lower() in (key, other_key)
                if other != target.name and (key == other_key or loose):
                    raise ConfigError(
                        f"the alias `{alias}` stands for both `{other}` and `{target.name}`; keep it at one of them"
                    )
            owner[key] = target.name
        for group in target.implied_by:
            if not group:
                raise ConfigError(f"target `{target.name}`: a group of `implied_by` is empty; name the targets in it")
            for name in group:
                if name not in names or name == target.name:
                    raise ConfigError(
                        f"target `{target.name}`: `implied_by` names `{name}`{nearest(name, names)}, which is not "
                        f"another target; the targets are {', '.join(names)}"
                    )
