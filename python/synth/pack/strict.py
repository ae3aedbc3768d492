"""Strict JSON and closed schemas; errors name a place in the document, never a value."""

import codecs
import difflib
import hashlib
import json

from synth.errors import BadInput

MAX_BYTES = 32 * 2**20
MAX_DEPTH = 12
_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


def read(path, *, what):
    """Read a JSON file strictly.

    Parameters
    ----------
    path : pathlib.Path
    what : str
        Names the file in errors, for example ``pack``.

    Returns
    -------
    document : object
    sha256 : str
        Hex digest of the file's bytes.

    Raises
    ------
    BadInput
        Unreadable, larger than 32 MiB, not UTF-8, no JSON, a duplicate key, NaN or
        Infinity, or nested deeper than 12 levels.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{what} {path} cannot be read: {reason}") from error
    if len(content) > MAX_BYTES:
        raise BadInput(
            f"{what} {path} is larger than {MAX_BYTES // 2**20} MiB",
            hint=f"is it a {what}? An extracted one has well under 1 MiB",
        )
    return parse(content, where=f"{what} {path}"), digest(content)


def digest(content):
    """SHA-256 of bytes, as hex."""
    return hashlib.sha256(content).hexdigest()


def parse(content, *, where):
    """Parse strict JSON.

    Parameters
    ----------
    content : bytes
    where : str
        Starts every error message.

    Returns
    -------
    object
    """
    if content.startswith(codecs.BOM_UTF8):
        raise BadInput(
            f"{where} begins with a byte order mark", hint="save it as UTF-8 without BOM"
        )
    try:
        document = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
        _check_depth(document, where)
    except UnicodeDecodeError as error:
        raise BadInput(f"{where} is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"{where} is not JSON (line {error.lineno}, column {error.colno})") from None
    except _DuplicateKeyError:
        raise BadInput(f"{where} has an object with a duplicate key") from None
    except RecursionError:
        raise BadInput(f"{where} is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:
        # NaN, Infinity, or an integer of thousands of digits.
        raise BadInput(f"{where} holds a number that is not finite or too long") from None
    return document


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
    try:
        error = next(iter(validator.iter_errors(document)), None)
    except UnicodeEncodeError as half:
        raise BadInput(
            f"{where}: holds half a surrogate pair, which is no text", hint="write it as UTF-8"
        ) from half
    if error is not None:
        path = json_path(document, error.instance_path)
        raise BadInput(f"{where}: {path}: {_expected(error, document)}", path=path)


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
    close = difflib.get_close_matches(key, known, n=1)
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


class _DuplicateKeyError(ValueError):
    pass


def _unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def _refuse_constant(name):
    raise ValueError(name)


def _check_depth(document, where):
    level, depth = [document], 0
    while level := [node for node in level if isinstance(node, dict | list)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise BadInput(f"{where} is nested deeper than {MAX_DEPTH} levels")
        level = [
            child for node in level for child in (node.values() if isinstance(node, dict) else node)
        ]
