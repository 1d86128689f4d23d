"""Values that a JSON schema allows: the part of it that our OpenAPI document uses."""

from __future__ import annotations

from hypothesis import strategies as st

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def allowed_by(schema, document):
    """Return a strategy for what a schema of a document allows."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return allowed_by(document["components"]["schemas"][name], document)
    if "anyOf" in schema:
        return st.one_of([allowed_by(each, document) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return KINDS[schema["type"]](schema, document)


def _object(schema, document):
    known = {name: allowed_by(each, document) for name, each in schema["properties"].items()}
    required = {name: known.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=known)


def _array(schema, document):
    low, high = schema.get("minItems", 0), schema.get("maxItems", 6)
    return st.lists(allowed_by(schema["items"], document), min_size=low, max_size=high)


def _text(schema, _):
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    return st.text(max_size=schema.get("maxLength", 400))


def _number(schema, _):
    return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False)


KINDS = {
    "object": _object,
    "array": _array,
    "string": _text,
    "number": _number,
    "integer": lambda schema, _: st.integers(schema.get("minimum"), schema.get("maximum")),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}
