"""Read YAML as data: scalars, lists and mappings, nothing that executes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from research.errors import ConfigError

__all__ = ["parse_yaml", "read_yaml", "read_yaml_mapping"]

# A few lines of aliases of aliases stand for billions of values; metadata of a hundred thousand documents fit in this.
_MOST_VALUES = 5_000_000


def read_yaml(path: Path) -> Any:
    """Read a YAML file with the safe loader; a key that comes twice, or is no text, is refused.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not UTF-8, is not YAML, or asks for a Python object. One sentence that names the
        file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give the path of a YAML file") from None
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> Any:
    """Read YAML text as `read_yaml` reads a file; `where` names it in errors."""
    import yaml

    class Loader(yaml.SafeLoader):
        """The safe loader, minus silently overwritten keys and keys that are no text."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen: set[Any] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                problem = None
                if not isinstance(key, str):
                    shown = f"`{key_node.value}`" if key_node.id == "scalar" else "of this line"
                    problem = f"the key {shown} is no text; put it in quotes"
                elif key in seen:
                    problem = f"the key `{key}` comes twice"
                if problem:
                    raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
                seen.add(key)
            return super().construct_mapping(node, deep=deep)

    try:
        # A subclass of SafeLoader: nothing is executed.
        return _unshared(yaml.load(text, Loader=Loader), where, (), iter(range(_MOST_VALUES)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        if "could not determine a constructor" in problem:
            tag = problem.rsplit(" ", 1)[-1].strip("'")
            raise ConfigError(
                f"{where}{line}: the tag {tag} asks for a program object; YAML here holds only text, numbers, "
                "lists and mappings: remove the tag"
            ) from None
        raise ConfigError(f"{where}{line}: this is not valid YAML ({problem}); mend that line") from None
    except RecursionError:
        raise ConfigError(f"{where}: lists or mappings are nested too deep; flatten them") from None
    except ConfigError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        # An impossible date, say, or a tag that does not fit its value: the loader's own constructors raise on them.
        raise ConfigError(f"{where}: a value cannot be read ({error}); put it in quotes to keep it as text") from None


def _unshared(value: Any, where: str, above: tuple[int, ...], left: Iterator[int]) -> Any:
    """Copy what an alias repeats, so that changing one place changes no other; refuse one that contains itself."""
    if next(left, None) is None:
        raise ConfigError(f"{where}: its aliases repeat to more than {_MOST_VALUES:,} values; write the values out")
    if isinstance(value, str) and not value.isascii():
        _refuse_half_characters(value, where)
    if not isinstance(value, dict | list):
        return value
    if id(value) in above:
        raise ConfigError(f"{where}: an alias contains itself; write the values out")
    inside = (*above, id(value))
    if isinstance(value, dict):
        for key in value:
            _refuse_half_characters(key, where)
        return {key: _unshared(each, where, inside, left) for key, each in value.items()}
    return [_unshared(each, where, inside, left) for each in value]


def _refuse_half_characters(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError(
            f"{where}: {text!r} holds half of a character; write the character itself instead of \\u and its number"
        ) from None


def read_yaml_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping with text keys.

    Raises
    ------
    ConfigError
        As `read_yaml`, and if the top level is something else.
    """
    content = read_yaml(path)
    if content is None:
        raise ConfigError(f"{path}: the file is empty; it must hold `key: value` lines")
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: the top level is a {type(content).__name__}; it must be `key: value` lines")
    return content
