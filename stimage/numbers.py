"""Numbers that come from outside: read where they are text, refused out of their limits."""

from __future__ import annotations

import math
import re

from stimage.errors import InvalidRequest, Message

WHOLE = re.compile(r"[+-]?[0-9]{1,20}(\.0*)?")
NUMBER = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})(e[+-]?[0-9]{1,3})?", re.I)


def invalid(code: str, name: str, **values: object) -> InvalidRequest:
    """Return the error of a field, by the code of its sentence."""
    return InvalidRequest(code, field=Message(f"field.{name}"), **values)


def check_number(value: float, low: float, high: float, name: str, *, whole: bool = False) -> None:
    """Refuse what is no number in [low, high].

    Raises:
        InvalidRequest: "not_whole", "not_a_number", "out_of_range" or "seed_out_of_range".
    """
    kinds = (int,) if whole else (int, float)
    endless = isinstance(value, float) and not math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, kinds) or endless:
        raise invalid("not_whole" if whole else "not_a_number", name)
    if not low <= value <= high:
        code = "seed_out_of_range" if name == "seed" else "out_of_range"
        shown = f"{value:.10g}" if abs(value) < 1e15 else "…"
        raise invalid(code, name, low=f"{low:.10g}", high=f"{high:.10g}", value=shown)


def read_whole(value: object, name: str) -> object:
    """Return a whole number that stands as text or as 20.0; `check_number` refuses what is none."""
    if isinstance(value, str):
        if not WHOLE.fullmatch(value.strip()):
            raise invalid("not_whole", name)
        return int(value.strip().partition(".")[0])
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read_number(value: object, name: str) -> object:
    """Return a number that stands as text; `check_number` refuses what is none."""
    if not isinstance(value, str):
        return value
    if not NUMBER.fullmatch(value.strip()):
        raise invalid("not_a_number", name)
    return float(value)
