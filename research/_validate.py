"""Arrays and parameters, refused in this package's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from numbers import Integral, Real
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from research.errors import InputError

__all__ = ["check_parameters", "check_values", "validated"]

# scikit-learn's sentences hold the numbers themselves.
_NUMBERS = re.compile(r":? array=\[.*\]\.?|:? ?\[\[.*\]\]")


class _NoNumbersError(InputError, TypeError):
    """What scikit-learn says by a TypeError: entries that cannot be numbers, a sparse matrix."""


def validated(estimator: Any, *arrays: Any, **checks: Any) -> Any:
    """Check arrays as `sklearn.utils.validation.validate_data` does.

    Raises
    ------
    InputError
        Where that raises a ValueError or a TypeError: NaN or infinity, another number of rows, columns or axes, no
        rows, entries that are no numbers.
    """
    import numpy as np
    from sklearn.utils.validation import validate_data

    try:
        if checks.get("y_numeric") and len(arrays) == 2 and np.asarray(arrays[1]).dtype.kind in "US":
            raise InputError("the labels are texts; give numbers")
        return validate_data(estimator, *arrays, **checks)
    except InputError:
        raise
    except (ValueError, TypeError) as error:
        said = _NUMBERS.sub(".", " ".join(str(error).split()))
        if "NaN" in said or "infinity" in said:
            said = f"{said.split('. ')[0].removesuffix('.')}; encode the texts again, or leave those rows out"
        if "could not convert string" in said and arrays and _holds_texts(arrays[0]):
            said = "X holds texts; give what an encoder makes of them, `encoder.encode(texts)`"
        raise (_NoNumbersError if isinstance(error, TypeError) else InputError)(said) from None


def _holds_texts(X: Any) -> bool:
    import numpy as np

    return any(isinstance(cell, str) for cell in np.asarray(X, dtype=object).ravel()[:1])


def check_parameters(estimator: Any) -> None:
    """Refuse parameters of an estimator that are not what its constructor's annotations say.

    Raises
    ------
    InputError
        As `check_values`.
    """
    check_values(type(estimator).__init__, estimator.get_params(deep=False))


def check_values(constructor: Callable[..., Any], values: Mapping[str, Any]) -> None:
    """Refuse values that are not what the constructor's or function's annotations say.

    Of an annotation `int`, `float`, `bool`, `str`, `Literal`, `None` and bounds by `annotated_types` are read; whatever
    else there is passes.

    Raises
    ------
    InputError
        Names the parameter, what was given and what is allowed.

    Examples
    --------
    >>> from annotated_types import Ge
    >>> def draw(n: Annotated[int, Ge(1)] | None = None) -> None: ...
    >>> check_values(draw, {"n": 0})
    Traceback (most recent call last):
    research.errors.InputError: `n` is 0; it must be a whole number of at least 1, or None
    """
    for name, kinds in _annotations(constructor).items():
        if name not in values or None in kinds:
            continue
        value, known = values[name], [kind for kind in kinds if kind is not None]
        if not any(_fits(value, kind, bounds) for kind, bounds in known):
            words = [_words(kind, bounds) for kind, bounds in known]
            raise InputError(f"`{name}` is {value!r}; it must be {', or '.join(words)}")


_Kind = tuple[Any, tuple[Any, ...]]


@cache
def _annotations(constructor: Callable[..., Any]) -> dict[str, tuple[_Kind | None, ...]]:
    found: dict[str, tuple[_Kind | None, ...]] = {}
    for name, written in getattr(constructor, "__annotations__", {}).items():
        alone = SimpleNamespace(__annotations__={name: written})
        with suppress(NameError):  # a type that only a type checker can look up is not checked
            hint = get_type_hints(alone, getattr(constructor, "__globals__", {}), include_extras=True)[name]
            found[name] = tuple(_kinds(hint, ()))
    found.pop("return", None)
    return found


def _kinds(hint: Any, bounds: tuple[Any, ...]) -> Iterator[_Kind | None]:
    """Take a union apart; None is a part that cannot be checked."""
    if get_origin(hint) is Annotated:
        inner, *found = get_args(hint)
        yield from _kinds(inner, (*bounds, *found))
    elif get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _kinds(part, bounds)
    elif hint in (int, float, bool, str, NoneType) or get_origin(hint) is Literal:
        yield hint, bounds
    else:
        yield None


def _fits(value: Any, kind: Any, bounds: tuple[Any, ...]) -> bool:
    import numpy as np

    if get_origin(kind) is Literal:
        return isinstance(value, str) and value in get_args(kind)
    if kind is bool:
        return isinstance(value, bool | np.bool_)
    if kind in (int, float):
        number = isinstance(value, Integral if kind is int else Real) and not isinstance(value, bool | np.bool_)
        return bool(number) and all(_within(value, bound) for bound in bounds)
    return isinstance(value, kind)


def _within(value: Any, bound: Any) -> bool:
    return (
        value >= getattr(bound, "ge", -float("inf"))
        and value <= getattr(bound, "le", float("inf"))
        and not value <= getattr(bound, "gt", -float("inf"))
        and not value >= getattr(bound, "lt", float("inf"))
    )


def _words(kind: Any, bounds: tuple[Any, ...]) -> str:
    if get_origin(kind) is Literal:
        *others, last = (f'"{word}"' for word in get_args(kind))
        return f"{', '.join(others)} or {last}" if others else last
    if kind not in (int, float):
        return {bool: "True or False", str: "a text", NoneType: "None"}[kind]
    forms = {"ge": "of at least {}", "gt": "above {}", "le": "of at most {}", "lt": "below {}"}
    limits = [
        form.format(f"{getattr(bound, key):g}")
        for key, form in forms.items()
        for bound in bounds
        if hasattr(bound, key)
    ]
    return " ".join(["a whole number" if kind is int else "a number", " and ".join(limits)]).strip()
