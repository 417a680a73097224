"""Read a configuration: `extends`, overrides, where each value came from, and errors that name file and key."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from research._shipped import nearest
from research._yaml import parse_yaml, read_yaml_mapping
from research.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["Loaded", "flatten", "load_config", "write_config"]

Model = TypeVar("Model", bound="BaseModel")

_DEFAULT = "default"
_SET = "--set"


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """A configuration that was read and found good.

    Attributes
    ----------
    values : pydantic model
    base : pathlib.Path
        The folder that its relative paths start from: the one the configuration file lies in.
    origins : dict of str to str
        For each dotted key the file it came from, ``--set`` or ``default``.
    source : pathlib.Path
    """

    values: Model
    base: Path
    source: Path
    origins: dict[str, str] = field(default_factory=dict)

    def path(self, relative: str) -> Path:
        """Give a path of the configuration as one that can be opened from anywhere."""
        return Path(os.path.normpath(self.base / relative))

    def file(self, key: str, relative: str) -> Path:
        """Give a file that a key names.

        Raises
        ------
        ConfigError
            If there is none; says where it was looked up.
        """
        path = self.path(relative)
        if not path.is_file():
            raise ConfigError(
                f"{relative.removeprefix('./')}: no such file; key `{key}` of {self.source} was looked up in "
                f"{self.base.resolve()}"
            )
        return path

    def pattern(self, relative: str) -> str:
        """Give a glob of the configuration as one that works from anywhere, whatever its folder is called."""
        return os.path.normpath(Path(glob.escape(str(self.base))) / relative)


def load_config(
    path: str | Path,
    model: type[Model],
    overrides: Sequence[str] = (),
    base: str | Path | None = None,
) -> Loaded[Model]:
    """Read a YAML configuration into its model.

    Parameters
    ----------
    path : path
        The file. It may name others it ``extends``: mappings merge, lists and single values replace.
    model : type
        The pydantic model that says what is allowed.
    overrides : sequence of str
        ``key.subkey=value`` pairs, the value read as YAML; paths in them start from the working directory.
    base : path, optional
        Where relative paths of the file start from, if not its own folder; a run folder's own copy needs this.

    Returns
    -------
    Loaded

    Raises
    ------
    ConfigError
        One sentence: file, key, what was given, what is allowed, the nearest valid name.
    """
    source = Path(path)
    if source.is_dir():
        raise ConfigError(f"{source} is a folder; give the path of a YAML file")
    root = Path(base) if base is not None else source.parent
    path_keys = _path_keys(model)
    origins: dict[str, str] = {}
    tree = _read_tree(source, root if base is not None else None, root, path_keys, origins, ())
    for pair in overrides:
        _override(tree, pair, root, path_keys, origins)
    values = _validate(tree, model, origins, source)
    for key in flatten(values.model_dump(mode="json")):
        origins.setdefault(key, _DEFAULT)
    return Loaded(values=values, base=root, source=source, origins=origins)


def write_config(values: BaseModel) -> str:
    """Give a configuration as YAML, every value resolved, in the model's order.

    Parameters
    ----------
    values : pydantic model

    Returns
    -------
    str
        Reads back into the same values.
    """
    import yaml

    text: str = yaml.safe_dump(values.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=110)
    return text


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give a nested mapping as dotted keys; an empty mapping counts as a value.

    Parameters
    ----------
    tree : mapping
    prefix : str
        Put before every key.

    Returns
    -------
    dict

    Examples
    --------
    >>> flatten({"a": {"b": 1, "c": {}}, "d": 2})
    {'a.b': 1, 'a.c': {}, 'd': 2}
    """
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f"{name}."))
        else:
            flat[name] = value
    return flat


def _prefixes(key: str) -> list[str]:
    """Give the dotted keys above a key, nearest first."""
    parts = key.split(".")
    return [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]


def _read_tree(
    path: Path,
    folder: Path | None,
    root: Path,
    path_keys: Mapping[str, str],
    origins: dict[str, str],
    seen: tuple[Path, ...],
) -> dict[str, Any]:
    """Read one file and what it extends, its relative paths rewritten to start from `root`."""
    here = path.resolve()
    if here in seen:
        chain = " -> ".join(str(each.name) for each in (*seen, here))
        raise ConfigError(f"{path}: key `extends` runs in a circle ({chain}); remove one of them")
    own = read_yaml_mapping(path)
    parents = own.pop("extends", None) or []
    parents = [parents] if isinstance(parents, str) else parents
    if not isinstance(parents, list) or not all(isinstance(parent, str) for parent in parents):
        raise ConfigError(f"{path}: key `extends` is {parents!r}; it must be a path or a list of paths")
    tree: dict[str, Any] = {}
    for parent in parents:
        parent_path = path.parent / parent
        if not parent_path.is_file():
            raise ConfigError(f"{path}: key `extends` names {parent}, which is no file; paths start from this file")
        _merge(tree, _read_tree(parent_path, None, root, path_keys, origins, (*seen, here)))
    _rebase(own, folder if folder is not None else path.parent, root, path_keys)
    _claim(origins, own, str(path))
    _merge(tree, own)
    return tree


def _claim(origins: dict[str, str], own: Mapping[str, Any], source: str) -> None:
    """Note that these values come from `source`, and forget where what they replace came from."""
    for name in flatten(own):
        for stale in [old for old in origins if old.startswith(f"{name}.") or name.startswith(f"{old}.")]:
            del origins[stale]
        origins[name] = source


def _merge(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Lay one tree over another: mappings merge, everything else replaces."""
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            _merge(below[key], value)
        else:
            below[key] = value


def _override(
    tree: dict[str, Any], pair: str, root: Path, path_keys: Mapping[str, str], origins: dict[str, str]
) -> None:
    key, equals, text = pair.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(f"--set {pair}: write it as key=value, for example --set themes.discovery=none")
    value = parse_yaml(text, f"--set {pair}")
    own: dict[str, Any] = {}
    place = own
    for part in parts[:-1]:
        place = place.setdefault(part, {})
    place[parts[-1]] = value
    _rebase(own, Path.cwd(), root, path_keys)
    _claim(origins, own, _SET)
    _merge(tree, own)


def _path_keys(model: type[BaseModel], prefix: str = "") -> dict[str, str]:
    """Find the dotted keys that hold paths, by the `PathValue` mark on their fields; `*` is any name of a mapping."""
    from typing import get_origin

    from pydantic import BaseModel

    from research.study._schema import PathValue

    keys: dict[str, str] = {}
    for name, info in model.model_fields.items():
        for mark in info.metadata:
            if isinstance(mark, PathValue):
                keys[prefix + name] = mark.kind
        inside = f"{prefix}{name}.*." if get_origin(info.annotation) is dict else f"{prefix}{name}."
        for candidate in _inner_types(info.annotation):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                keys.update(_path_keys(candidate, inside))
    return keys


def _inner_types(annotation: Any) -> list[Any]:
    from typing import get_args

    return [annotation, *get_args(annotation)]


def _rebase(tree: dict[str, Any], folder: Path, root: Path, path_keys: Mapping[str, str]) -> None:
    """Rewrite the relative paths of a tree that was read in `folder` so that they start from `root`."""
    from research.study._schema import is_path

    for key, kind in path_keys.items():
        *above, last = key.split(".")
        places: list[Any] = [tree]
        for part in above:
            found = [place for place in places if isinstance(place, dict)]
            places = [each for place in found for each in (place.values() if part == "*" else [place.get(part)])]

        def rebased(given: Any, kind: str = kind) -> Any:
            if not isinstance(given, str) or not is_path(given, kind):
                return given
            moved = os.path.relpath(folder / Path(given).expanduser(), root)
            return Path(moved).as_posix() if kind == "file" or moved.startswith(".") else f"./{moved}"

        for place in places:
            value = place.get(last) if isinstance(place, dict) else None
            if value is not None:
                place[last] = [rebased(each) for each in value] if isinstance(value, list) else rebased(value)


def _validate(tree: dict[str, Any], model: type[Model], origins: Mapping[str, str], source: Path) -> Model:
    from pydantic import ValidationError

    # Through JSON, because there a list is a tuple and nothing else is coerced: "3" is no integer.
    text = json.dumps(tree, default=str)
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        # A misspelt key explains a missing one, so it is told first.
        problem = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        raise ConfigError(_one_sentence(problem, tree, model, origins, source)) from None


def _one_sentence(
    problem: Any, tree: dict[str, Any], model: type[BaseModel], origins: Mapping[str, str], source: Path
) -> str:
    location = [str(part) for part in problem["loc"] if not str(part).startswith(("function-", "literal["))]
    location = _existing(location, tree, missing_last=problem["type"] == "missing")
    key = ".".join(location)
    where = next((origins[name] for name in [key, *_prefixes(key)] if name in origins), None)
    where = where or next((file for name, file in origins.items() if name.startswith(f"{key}.")), str(source))
    if problem["type"] == "extra_forbidden":
        known = _known_keys(model, location[:-1])
        return (
            f"{where}: key `{key}` is not known{nearest(location[-1], known)}; "
            f"allowed here are {', '.join(known) or 'no keys'}"
        )
    if problem["type"] == "missing":
        return f"{where}: key `{key}` is missing; add it"
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    given = json.dumps(problem["input"], default=str, ensure_ascii=False)
    given = given if len(given) <= 80 else given[:77] + "..."
    if isinstance(problem["input"], str) and problem["type"] in {"tuple_type", "list_type"}:
        return f"{where}: key `{key}` is {given}, which is no list; write [{problem['input']}]"
    if problem["type"] == "value_error":
        return f"{where}: key `{key}`{':' if isinstance(problem['input'], dict) else f' is {given};'} {message}"
    hint = ""
    if problem["type"] in {"literal_error", "enum"}:
        hint = nearest(str(problem["input"]), [each.strip("' ") for each in message.replace(" or ", ",").split(",")])
    return f"{where}: key `{key}` is {given}; it must be {message}{hint}"


def _existing(location: list[str], tree: Any, missing_last: bool) -> list[str]:
    """Keep the parts of an error's location that are keys: pydantic puts names of union members between them."""
    kept: list[str] = []
    place = tree
    for number, part in enumerate(location):
        if isinstance(place, dict) and (part in place or (missing_last and number == len(location) - 1)):
            kept.append(part)
            place = place.get(part)
        elif isinstance(place, list) and part.isdigit():
            kept.append(part)
            place = place[int(part)] if int(part) < len(place) else None
    return kept


def _known_keys(model: type[BaseModel], location: Sequence[str]) -> list[str]:
    """Give the keys that a place of the configuration may have."""
    from typing import get_args, get_origin

    from pydantic import BaseModel

    def models_in(annotation: Any) -> Any:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation
        inner = [found for each in get_args(annotation) if (found := models_in(each)) is not None]
        return (dict, inner[0]) if inner and get_origin(annotation) is dict else next(iter(inner), None)

    place: Any = model
    for part in location:
        if isinstance(place, tuple):  # a mapping: this part is one of its names
            place = place[1]
        elif part in getattr(place, "model_fields", {}):
            place = models_in(place.model_fields[part].annotation)
        else:
            return []
    return sorted(getattr(place, "model_fields", {}))
