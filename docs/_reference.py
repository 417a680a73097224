"""Directives that write tables from the code: the keys of a study, the columns of a run's tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sphinx.util.docutils import SphinxDirective

from research._tables import _SCHEMAS, Column, axis_columns, stance_columns
from research.study import json_schema

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["", *(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines), ""]


class TableColumns(SphinxDirective):
    """``table-columns:: NAME``: the columns of one table of a run."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Give the table."""
        name = self.arguments[0]
        columns = {"axis": axis_columns("NAME"), "stance": stance_columns("NAME")}.get(name) or _SCHEMAS[name]
        rows = [(f"`{each.name}`", _kind(each), each.meaning) for each in columns]
        return self.parse_text_to_nodes("\n".join(_markdown(("column", "holds", "what it says"), rows)))


def _kind(column: Column) -> str:
    kind = "true or false" if column.type == "flag" else column.type
    if column.allowed:
        kind = ", ".join(f"`{value}`" for value in column.allowed)
    elif column.low is not None and column.high is not None:
        kind += f" from {column.low:g} to {column.high:g}"
    elif column.low is not None:
        kind += f" from {column.low:g}"
    return f"{kind}, or missing" if column.nullable else kind


class ConfigurationKeys(SphinxDirective):
    """``configuration-keys::`` with an optional section: its keys, or those outside all sections."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Give the table."""
        schema = json_schema()
        section = self.arguments[0] if self.arguments else ""
        model = _section(schema, schema["properties"][section]) if section else schema
        rows = []
        for key, value in model["properties"].items():
            if not section and _section(schema, value) is not None:
                continue
            default = json.dumps(value["default"]) if "default" in value else ""
            if len(default) > 60:
                default = "all of them"
            written = f"`{default}`" if default else ""
            rows.append((f"`{key}`", written, allowed_values(value), value.get("description") or ""))
        return self.parse_text_to_nodes("\n".join(_markdown(("key", "default", "allowed", "what it says"), rows)))


def allowed_values(value: dict[str, Any]) -> str:
    """Say which values or which range a key has; nothing where its kind alone decides."""
    several = value.get("items", {})
    found = [_allowed(part) for part in value.get("anyOf", [value])]
    if any(found):
        return " or ".join(words or "`null`" for words in found)
    if several.get("enum"):
        return f"any of {_allowed(several)}"
    return f"{value['minItems']} or more" if "minItems" in value else ""


def _allowed(part: dict[str, Any]) -> str:
    if "enum" in part:
        return ", ".join(f"`{word}`" for word in part["enum"])
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "up to", "exclusiveMaximum": "and below"}
    limits = [f"{word} {part[key]:,}".removesuffix(".0") for key, word in words.items() if key in part]
    if not limits:
        return ""
    return f"{'a whole number' if part['type'] == 'integer' else 'a number'} {' '.join(limits)}"


def _section(schema: dict[str, Any], value: dict[str, Any]) -> dict[str, Any] | None:
    """Give the model a key refers to, where its value is a section of keys."""
    for candidate in (value, *value.get("anyOf", ())):
        if "$ref" in candidate:
            model: dict[str, Any] = schema["$defs"][candidate["$ref"].rsplit("/", 1)[-1]]
            return model
        several = candidate.get("additionalProperties")
        if isinstance(several, dict):
            return _section(schema, several)
    return None


class TargetKeys(ConfigurationKeys):
    """``target-keys::``: the keys of one target of a stance section."""

    def run(self) -> list[nodes.Node]:
        """Give the table."""
        schema = json_schema()
        stance = _section(schema, schema["properties"]["stance"]) or {}
        target = _section(schema, stance["properties"]["targets"]) or {}
        rows = [(f"`{key}`", value.get("description") or "") for key, value in target["properties"].items()]
        return self.parse_text_to_nodes("\n".join(_markdown(("key", "what it says"), rows)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    app.add_directive("table-columns", TableColumns)
    app.add_directive("configuration-keys", ConfigurationKeys)
    app.add_directive("target-keys", TargetKeys)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
