"""Strict JSON and closed schemas; errors name a place in the document, never a value."""

import difflib
import hashlib
import json

from synth import inputs
from synth.errors import BadInput
from synth.inputs import parse_json as parse

# An extracted pack has well under 1 MiB.
MAX_BYTES = 4 * inputs.MEBIBYTE
# A longer key is no misspelt one.
_LONGEST_TYPO = 64
_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


def read(path, *, what, limit=MAX_BYTES):
    """Read a JSON file strictly.

    Parameters
    ----------
    path : path-like
    what : str
        Names the file in errors, for example ``pack``.
    limit : int
        Bytes it may have.

    Returns
    -------
    document : object
    sha256 : str
        Hex digest of the file's bytes.

    Raises
    ------
    BadInput
        No regular file, unreadable, larger than `limit`, not UTF-8, no JSON, a duplicate key, NaN
        or Infinity, or nested deeper than 12 levels.
    """
    content = inputs.read_bytes(path, what, limit=limit)
    return parse(content, where=f"{what} {path}"), digest(content)


def digest(content):
    """SHA-256 of bytes, as hex."""
    return hashlib.sha256(content).hexdigest()


def check_schema(document, validator, *, where):
    """Check a document against a closed schema.

    Parameters
    ----------
    document : object
    validator : jsonschema_rs.Draft202012Validator
    where : str
        Starts the error message.

    Raises
    ------
    BadInput
        First violation, as a JSON path and what was expected there.
    """
    import jsonschema_rs

    try:
        # The first violation only: to list a million of them takes a minute.
        validator.validate(document)
    except UnicodeEncodeError as half:
        raise BadInput(
            f"{where}: holds half a surrogate pair, which is no text", hint="write it as UTF-8"
        ) from half
    except jsonschema_rs.ValidationError as error:
        path = json_path(document, error.instance_path)
        # Its own message quotes the document.
        raise BadInput(f"{where}: {path}: {_expected(error, document)}", path=path) from None


def json_path(document, steps):
    """Write a path as ``$.users.device_mix.ios``.

    Parameters
    ----------
    document : object
        Tells list positions from keys that are digits.
    steps : sequence of str or int

    Returns
    -------
    str
    """
    path, here = "$", document
    for step in steps:
        if isinstance(here, list):
            path += f"[{step}]"
            here = here[int(step)]
        else:
            path += f".{step}"
            here = here.get(str(step))
    return path


def _expected(error, document):
    kind, here = error.kind, _at(document, error.instance_path)
    if kind.name == "additionalProperties":
        return _unknown_key(kind.unexpected[0], here, _known_keys())
    if kind.name == "type":
        wanted = " or ".join(sorted(kind.types, reverse=True))
        return f"expected {wanted}, got {_type_name(here)}"
    if kind.name in ("minimum", "maximum"):
        word = "least" if kind.name == "minimum" else "most"
        return f"expected a number of at {word} {kind.limit}"
    if kind.name in ("minItems", "maxItems"):
        word = "least" if kind.name == "minItems" else "most"
        return f"expected at {word} {kind.limit} entries, got {len(here)}"
    if kind.name in ("enum", "const"):
        allowed = kind.options if kind.name == "enum" else [kind.expected_value]
        shown = ", ".join(json.dumps(option) for option in allowed)
        return f"expected {'one of ' if len(allowed) > 1 else ''}{shown}"
    if kind.name == "pattern":
        return f"expected a string of the form {_shortened(kind.pattern)}"
    if kind.name == "required":
        return f"the key {kind.property!r} is missing"
    if kind.name == "falseSchema":
        return "one entry too many"
    return f"does not satisfy {kind.name!r}"


def _shortened(pattern):
    return pattern if len(pattern) <= 80 else pattern[:77] + "..."


def _unknown_key(key, here, known):
    """Say where an unknown key is without quoting it: it may be a name or an address."""
    position = list(here).index(key) + 1
    close = difflib.get_close_matches(key, known, n=1) if len(key) <= _LONGEST_TYPO else []
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown key (number {position} of {len(here)}){hint}"


def _known_keys():
    from synth import catalogue

    keys = {key for line in catalogue.pack_keys() for key in (line.key, line.by_type) if key}
    labels = {label for labels in catalogue.vocabulary().values() for label in labels}
    return sorted(keys | labels | set(catalogue.ENTITIES))


def _at(document, steps):
    for step in steps:
        document = document[int(step) if isinstance(document, list) else str(step)]
    return document


def _type_name(value):
    return _NAMES.get(type(value), "number")
