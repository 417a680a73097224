"""What a study's configuration may say.

The sections are derived from the constructors of the estimators, so that a parameter's name, type, default and
description stand in one place. Only what no estimator has (files, names, targets) is written here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from research._language import language_code
from research.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from research.stance import Target

__all__ = [
    "NAME",
    "PathValue",
    "Section",
    "constructor_values",
    "derived",
    "is_path",
    "json_schema",
    "make_targets",
    "study_model",
]

NAME = re.compile(r"[a-z0-9][a-z0-9_]*\Z")
"""Of what names columns and files."""


@dataclass(frozen=True)
class PathValue:
    """Mark a text field as a path that starts from the file it is written in.

    Attributes
    ----------
    kind : {"file", "yaml", "model"}
        "file" is always a path; "yaml" is one if it ends in .yaml or .yml, else the name of a shipped file; "model" is
        one if it begins with ".", "/" or "~", else a model's name.
    """

    kind: Literal["file", "yaml", "model"]


def is_path(value: str, kind: str) -> bool:
    """Tell whether a text of a `PathValue` field is a path or a name."""
    if kind == "yaml":
        return value.endswith((".yaml", ".yml"))
    if kind == "model":
        return value.startswith((".", "/", "~"))
    return True


class Section(BaseModel):
    """A part of a configuration: unknown keys are refused, values are not changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Corpus(Section):
    """Which texts are read, and how repeats count."""

    files: Annotated[str, PathValue("file")] = Field(description="Glob of the files, for example ../texts/*.txt.")
    metadata: Annotated[str | None, PathValue("file")] = Field(
        None, description="YAML or CSV file with the documents' metadata; none where a table's columns hold it."
    )
    text: str = Field("text", description="The column that holds the text, in tables.")
    id_column: str = Field("id", description="The column that holds the document's id, in tables.")
    columns: dict[str, str] | None = Field(
        None, description="How a table calls outlet, date, title and so on, for example {outlet: Publication}."
    )
    date_format: str | None = Field(
        None, description='How a table writes its dates, for example "%d/%m/%Y", where the column does not show it.'
    )
    rows: Literal["documents", "paragraphs"] = Field(
        "documents", description="Whether a table's row is a whole document or one paragraph."
    )
    repeats: Literal["once", "printed"] = Field(
        "once", description="Whether a repeated paragraph counts once or as often as it is printed."
    )


class _Target(Section):
    """Someone or something that the texts may be for or against."""

    label: str | None = Field(None, description="Readable name; the key where none is given.")
    aliases: tuple[str, ...] = Field((), description="Words that name the target; with capitals they match exactly.")
    shared_aliases: tuple[str, ...] = Field(
        (), description='Names of this target together with others, such as "both countries"; targets may share them.'
    )
    implied_by: tuple[tuple[str, ...], ...] = Field(
        (), description="Groups of other targets that imply this one when a sentence names all of a group."
    )


class _Stance(Section):
    """Toward whom or what stance is scored, and whose voice counts."""

    anchors: Annotated[str, PathValue("yaml")] = Field("stance", description="The stance anchors, by name or path.")
    voice: Literal["own", "all"] = Field(
        "own", description="Whose voice counts: the paragraph's own, or those that it quotes and reports too."
    )
    labels: Annotated[str | None, PathValue("file")] = Field(
        None, description="A CSV file of paragraphs coded by hand: paragraph_id, target, stance (favor ...), coder."
    )
    targets: dict[str, _Target] = Field(description="Whom or what a stance is toward, by name.")

    @field_validator("targets")
    @classmethod
    def _told_apart(cls, targets: dict[str, _Target]) -> dict[str, _Target]:
        from research.stance import check_targets

        check_targets(make_targets(targets))
        return targets


def make_targets(targets: Mapping[str, _Target]) -> tuple[Target, ...]:
    """Give the targets of a configuration as the stance stage takes them."""
    from research.stance import Target

    return tuple(
        Target(name, each.label or name, each.aliases, each.shared_aliases, each.implied_by)
        for name, each in targets.items()
    )


class _Study(Section):
    """One study: texts in, tables, figures and a report out."""

    name: str = Field(description="Lower-case letters, digits and _; names the run folder.")
    title: str | None = Field(None, description="Heading of the report; the name where none is given.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Where every random draw comes from.")
    language: str = Field("en", description="ISO 639-1 code of the texts' language; English is the validated one.")
    corpus: _Corpus
    axes: Annotated[tuple[str, ...], PathValue("yaml")] = Field(
        (), description="Further axes that every paragraph is scored on, each by name or path."
    )

    @field_validator("cross_encoders", check_fields=False)
    @classmethod
    def _plain_names(cls, named: dict[str, Section]) -> dict[str, Section]:
        wrong = next((name for name in named if not NAME.match(name)), None)
        if wrong is not None:
            raise ValueError(f"the name {wrong!r} must be lower-case letters, digits and _, and not begin with _")
        return named

    @field_validator("language")
    @classmethod
    def _language(cls, language: str) -> str:
        try:
            return language_code(language)
        except InputError as error:
            raise ValueError(str(error).partition("; ")[2]) from None  # the key and its value are said already

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not NAME.match(name):
            raise ValueError("it must be lower-case letters, digits and _, and begin with a letter or digit")
        return name

    @field_validator("axes")
    @classmethod
    def _no_doubles(cls, axes: tuple[str, ...]) -> tuple[str, ...]:
        twice = [axis for number, axis in enumerate(axes) if axis in axes[:number]]
        if twice:
            raise ValueError(f"`{twice[0]}` comes twice; name each axis once")
        return axes


def _parameter_descriptions(documented: Any) -> dict[str, str]:
    """Read the first sentence of each parameter from a numpydoc docstring."""
    text = inspect.getdoc(documented) or ""
    match = re.search(r"^(?:Other )?Parameters\n-+\n(.*?)(?:\n\n[A-Z][\w ]+\n-+\n|\Z)", text, re.S | re.M)
    descriptions: dict[str, str] = {}
    if match:
        for block in re.finditer(r"^(\w[\w, ]*?) *:.*\n((?:[ \t]+.*\n?|\n)*)", match.group(1) + "\n", re.M):
            words = " ".join(block.group(2).split())
            for name in block.group(1).split(","):
                descriptions[name.strip()] = re.split(r"(?<=\.)\s", words, maxsplit=1)[0]
    return descriptions


def derived(
    name: str,
    documented: Any,
    constructor: Callable[..., Any],
    *,
    exclude: Collection[str] = (),
    base: type[Section] = Section,
    **extra: Any,
) -> type[Section]:
    """Make a section from a constructor's or function's keyword parameters.

    Parameters
    ----------
    name : str
        Name of the model.
    documented : object
        Whose numpydoc docstring describes the parameters.
    constructor : callable
        Whose signature gives names, types and defaults.
    exclude : collection of str
        Parameters that the run itself supplies (seeds, language, data).
    base : type
        A section whose own fields come first.
    **extra : (type, pydantic.Field) pairs
        Fields that the constructor does not have; they come first.

    Returns
    -------
    type
    """
    hints = get_type_hints(constructor, include_extras=True)
    descriptions = _parameter_descriptions(documented)
    fields: dict[str, Any] = dict(extra)
    for parameter in inspect.signature(constructor).parameters.values():
        if parameter.name in {"self", "cls", *exclude, *extra} or parameter.default is inspect.Parameter.empty:
            continue
        fields[parameter.name] = (
            hints[parameter.name],
            Field(parameter.default, description=descriptions.get(parameter.name)),
        )
    about = (inspect.getdoc(documented) or name).split("\n\n")[0]
    model: type[Section] = create_model(name, __base__=base, __doc__=about, **fields)
    return model


def constructor_values(section: BaseModel, constructor: Callable[..., Any]) -> dict[str, Any]:
    """Give those values of a section that a constructor takes."""
    taken = inspect.signature(constructor).parameters
    return {name: getattr(section, name) for name in type(section).model_fields if name in taken}


@lru_cache(maxsize=1)
def study_model() -> type[Section]:
    """Give the model of a study's configuration.

    Made on first use, since it looks at the estimators, and those load scikit-learn.
    """
    from research.embedding import Encoder
    from research.framing import CrossEncoderAxis, FramingAxis
    from research.inference import estimate_groups
    from research.stance import StanceScorer
    from research.study._figures import FIGURES
    from research.themes import ThemeModel

    embedding = derived(
        "Embedding",
        Encoder,
        Encoder.__init__,
        exclude={"language", "cache"},
        model=(
            Annotated[str, PathValue("model")],
            Field("all-MiniLM-L6-v2", description="A sentence-transformers model, by name or path."),
        ),
    )
    themes = derived(
        "Themes",
        ThemeModel,
        ThemeModel.__init__,
        exclude={"codebook", "language", "random_state"},
        codebook=(
            Annotated[str | None, PathValue("yaml")],
            Field(None, description="A codebook, by name or path; none for discovery alone."),
        ),
        labels=(
            Annotated[str | None, PathValue("file")],
            Field(None, description="A CSV file of paragraphs coded by hand: paragraph_id, themes (`;` between)."),
        ),
    )
    framing = derived(
        "Framing",
        FramingAxis,
        FramingAxis.__init__,
        exclude={"language", "random_state", "reads"},  # each axis's file says what it reads
        axis=(Annotated[str, PathValue("yaml")], Field("celebratory", description="A framing axis, by name or path.")),
        labels=(
            Annotated[str | None, PathValue("file")],
            Field(None, description="A CSV file of paragraphs coded by hand: paragraph_id, framing (-2 to 2), coder."),
        ),
    )
    statements = tuple[str, ...]
    cross_encoder = derived(
        "CrossEncoder",
        CrossEncoderAxis,
        CrossEncoderAxis.__init__,
        exclude={"language", "cache", "random_state"},
        model=(
            Annotated[str, PathValue("model")],
            Field(description="A cross-encoder of your own, by name or path."),
        ),
        positive=(statements, Field(min_length=2, description="Statements that a text at +1 bears out.")),
        negative=(statements, Field(min_length=2, description="Statements that a text at -1 bears out.")),
    )
    taught = {"random_state", "n_networks"}  # a study's labels are too few for networks
    stance = derived("Stance", StanceScorer, StanceScorer.__init__, exclude=taught, base=_Stance)
    inference = derived(
        "Inference",
        estimate_groups,
        estimate_groups,
        exclude={"framing_draws", "stance_draws", "axis_draws", "repeats", "random_state", "targets"},
    )
    drawn = tuple(FIGURES)
    figure: Any = Literal.__getitem__(drawn)
    fields: dict[str, Any] = {
        "embedding": (embedding, Field(default_factory=embedding)),
        "themes": (themes, Field(default_factory=themes)),
        "framing": (framing | None, Field(default_factory=framing, description="`null` leaves framing out.")),
        "cross_encoders": (
            dict[str, cross_encoder],  # type: ignore[valid-type]
            Field({}, description="Further axes by cross-encoders of your own, by name."),
        ),
        "stance": (stance | None, Field(None, description="Left out where the study has no targets.")),
        "inference": (inference, Field(default_factory=inference)),
        "figures": (tuple[figure, ...], Field(drawn, description="Which figures are drawn.")),
    }
    return create_model("Study", __base__=_Study, __doc__=_Study.__doc__, **fields)


def json_schema() -> dict[str, Any]:
    """Give the JSON schema of a study's configuration, for editors; it knows `extends` too.

    Returns
    -------
    dict
        Ready for `json.dumps`.

    Examples
    --------
    >>> json_schema()["properties"]["name"]["description"]
    'Lower-case letters, digits and _; names the run folder.'
    """
    schema = study_model().model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"]["extends"] = {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "Other configuration files this one builds on; mappings merge, lists replace.",
    }
    schema["required"] = []  # what is required may stand in a file that this one extends
    return schema
