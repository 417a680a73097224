"""Read YAML as data: scalars, lists and mappings, nothing that executes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from research.errors import ConfigError

__all__ = ["read_yaml", "read_yaml_mapping"]


def read_yaml(path: Path) -> Any:
    """Read a YAML file with the safe loader; a key that comes twice is refused.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not UTF-8, is not YAML, or asks for a Python object. One sentence that names the
        file and the line.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """The safe loader, minus silently overwritten keys."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen: set[Any] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if isinstance(key, dict | list):
                    raise yaml.constructor.ConstructorError(
                        None, None, "a key is a list or a mapping", key_node.start_mark
                    )
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key `{key}` comes twice", key_node.start_mark
                    )
                seen.add(key)
            return super().construct_mapping(node, deep=deep)

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give the path of a YAML file") from None
    try:
        return yaml.load(text, Loader=Loader)  # a subclass of SafeLoader: nothing is executed
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        if "could not determine a constructor" in problem:
            tag = problem.rsplit(" ", 1)[-1].strip("'")
            raise ConfigError(
                f"{path}{line}: the tag {tag} asks for a program object; YAML here holds only text, numbers, "
                "lists and mappings: remove the tag"
            ) from None
        raise ConfigError(f"{path}{line}: this is not valid YAML ({problem}); mend that line") from None
    except ValueError as error:  # an impossible date, say, which the loader's own constructors raise on
        raise ConfigError(f"{path}: a value cannot be read ({error}); put it in quotes to keep it as text") from None


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
    for key in content:
        if not isinstance(key, str):
            raise ConfigError(f"{path}: the key {key!r} is a {type(key).__name__}; put it in quotes")
    return content
