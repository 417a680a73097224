"""Read YAML as data: scalars, lists and mappings, nothing that executes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from research._encoding import save_as_utf8
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
        data = path.read_bytes()
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8; {save_as_utf8(data)}") from None
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
                    if isinstance(key, int) and node.flow_style:  # {date: March 2, 2026}
                        problem += ", or the value before it, if the comma belongs to that"
                elif key in seen:
                    problem = f"the key `{key}` comes twice"
                if problem:
                    raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
                seen.add(key)
            return super().construct_mapping(node, deep=deep)

        def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
            try:
                return super().construct_yaml_timestamp(node)
            except ValueError:
                problem = (
                    f"the date {node.value} does not exist; write it as YYYY-MM-DD, or in quotes to keep it as text"
                )
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None

    Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_timestamp)
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
        if isinstance(error, yaml.constructor.ConstructorError):
            raise ConfigError(f"{where}{line}: {problem}") from None
        above = " or the one above" if mark and mark.line else ""
        hint = _hint(text.split("\n"), mark.line) if mark else None
        raise ConfigError(
            f"{where}{line}{above}: this is not valid YAML ({problem}); {hint or 'mend that line'}"
        ) from None
    except RecursionError:
        raise ConfigError(f"{where}: lists or mappings are nested too deep; flatten them") from None
    except ConfigError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        # An impossible date, say, or a tag that does not fit its value: the loader's own constructors raise on them.
        raise ConfigError(f"{where}: a value cannot be read ({error}); put it in quotes to keep it as text") from None


_NO_SPACE = re.compile(r"\s*(?:- )?[\w-]+:[^\s:/\\]")
_KEY_AND_COLON = re.compile(r"\s*(?:- )?[\w-]+: +(?P<value>[^\s\"'{\[|>#].*: .*)")
_WORD_ALONE = re.compile(r"\s*(?P<word>[\w-]+)\s*$")
_QUOTE_IN_QUOTES = re.compile(r"'[^',]*'\w*[^',\]}:]*'")


def _hint(lines: list[str], at: int) -> str | None:
    """Say what is probably wrong with a line or the one above it that the parser stopped at."""
    near = [line for line in lines[max(at - 1, 0) : at + 1][::-1] if line.strip()]
    for line in near:
        shown = line.strip() if len(line.strip()) <= 60 else line.strip()[:57] + "..."
        if re.match(r" *\t", line):
            return f"a tab stands before `{shown}`: use spaces"
        if _NO_SPACE.match(line):
            return f"write a space after the colon of `{shown}`"
        if _KEY_AND_COLON.match(line):
            return f"`{shown}` has a colon in its value: put the value in quotes"
        if _QUOTE_IN_QUOTES.search(line):
            return f'`{shown}` has a quote within quotes: put the whole value in double quotes, "..."'
    word = next((found for line in near if (found := _WORD_ALONE.match(line))), None)
    if word:
        return f"`{word['word']}` stands alone: write a colon after it"
    no_colon = next(
        (line.strip() for line in near if ":" not in line and not line.strip().startswith(("#", "-"))), None
    )
    return f"`{no_colon[:60]}` has no colon: write it as `key: value`" if no_colon else None


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
