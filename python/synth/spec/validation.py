"""Reading, checking and writing spec documents."""

import contextlib
import json
import math
import os
import re
import tempfile
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np

from synth import catalogue
from synth.errors import BadInput, DatabaseError
from synth.fit.distribution import TAIL
from synth.spec import segments

SCHEMA_PATH = Path(__file__).parents[1] / "schemas" / "spec.schema.json"
LARGEST_FILE = 50_000_000


def read_json(path):
    """Read a JSON object from a file.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    dict

    Raises
    ------
    BadInput
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB: no spec")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"cannot read {path}", hint="is the path right, and is it a JSON text file?"
        ) from error
    if text.startswith("\ufeff"):
        raise BadInput(
            f"{path.name} begins with a byte order mark", hint="save it as UTF-8 without BOM"
        )
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is not valid JSON", hint="see where it was cut") from error
    if not isinstance(document, dict):
        raise BadInput(f"{path.name} must hold one JSON object, got {type(document).__name__}")
    return document


def _refuse_constant(name):
    raise ValueError(name)


@lru_cache(maxsize=1)
def _validator():
    # Compiled: pure Python takes a second for the hundreds of segments of a full spec.
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_PATH.read_text()))


def _errors(document):
    """Violations, from the library that explains them best."""
    if _validator().is_valid(document):
        return []
    import jsonschema

    slow = jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text()))
    # The deepest error says most; the order of the iterator is not fixed.
    return sorted(
        slow.iter_errors(document), key=lambda one: (-len(one.absolute_path), str(one.path))
    )


def check_schema(document, *, origin, supported):
    """Check a document against the published JSON Schema.

    Parameters
    ----------
    document : dict
    origin : str
        Names the document in messages.
    supported : str
        Newest schema version this program reads.

    Raises
    ------
    BadInput
        Names the JSON path and the rule.
    """
    version = document.get("schema_version")
    known = re.fullmatch(r"(\d{1,4})\.(\d{1,4})", version) if isinstance(version, str) else None
    if not known:
        raise BadInput(f"{origin}: schema_version must be {supported!r}, got {version!r:.40}")
    newest = tuple(int(part) for part in supported.split("."))
    if tuple(int(part) for part in known.groups()) > newest:
        raise BadInput(
            f"{origin}: schema_version {version} is newer than {supported}, the newest known here",
            hint="upgrade synth, or calibrate again",
        )
    errors = _errors(document)
    if errors:
        where, rule = _explained(errors[0])
        raise BadInput(
            f"{origin}: {where}: {rule}",
            hint="see python/synth/schemas/spec.schema.json",
            path=where,
        )


def _explained(error):
    where = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    ).lstrip(".")
    shown = error.instance if isinstance(error.instance, int | float | bool | None) else None
    came = f", got {shown}" if shown is not None else ""
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        rule = f"must have {', '.join(missing)}"
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = sorted(key for key in error.instance if key not in known)
        rule = f"unknown key {', '.join(unknown)[:80]!r}"
    elif error.validator in ("type", "anyOf", "oneOf"):
        kind = error.schema.get("type", "one of the published forms")
        rule = f"must be {kind}, got {type(error.instance).__name__}"
    else:
        limit = str(error.validator_value)[:60]
        rule = f"must keep to {error.validator} {limit}{came}"
    return where or "the document", rule


def check_consistency(spec, *, origin):
    """Check what a JSON Schema cannot say.

    Parameters
    ----------
    spec : Spec
    origin : str

    Raises
    ------
    BadInput
    """

    def refuse(path, rule):
        raise BadInput(f"{origin}: {path}: {rule}", path=path)

    try:
        date.fromisoformat(spec.window.end)
    except ValueError:
        refuse("window.end", "must be an ISO date such as 2026-01-31")
    crowd = spec.totals.users / spec.totals.messages
    if crowd > MOST_USERS_PER_MESSAGE:
        refuse("totals.users", f"is {crowd:,.0f} times totals.messages, expected at most 10,000")
    mean = sum(spec.messages.weekly_profile) / 168
    if abs(mean - 1) > 1e-3:
        refuse("messages.weekly_profile", f"must have mean 1, got {mean:.6g}")
    for section, key in (
        ("conversations", "messages"),
        ("conversations", "members"),
        ("conversations", "senders"),
        ("conversations", "dominance"),
        ("conversations", "tempo"),
        ("messages", "content_length"),
        ("messages", "activity_gap"),
    ):
        if not getattr(getattr(spec, section), key):
            refuse(f"{section}.{key}", "must have at least one segment, for example all")
    for section, key in (
        ("conversations", "messages"),
        ("conversations", "members"),
        ("conversations", "senders"),
    ):
        for segment, quantity in getattr(getattr(spec, section), key).items():
            if not quantity.discrete:
                refuse(f"{section}.{key}.{segment}.discrete", "must be true: it counts things")
            if quantity.fitted.lower < 1:
                refuse(f"{section}.{key}.{segment}.lower", "must be at least 1")
    _check_segments(spec, refuse)
    _check_ranges(spec, refuse)


# Dimensions a segment of a group may name, in the order of the key, after a type where it may
# have one.
_DIMENSIONS = {
    "conversations.messages": ("conversation_type", ()),
    "conversations.members": ("conversation_type", ("size",)),
    "conversations.senders": ("conversation_type", ("size",)),
    "conversations.dominance": (None, ("size", "senders")),
    "conversations.tempo": (None, ("size",)),
    "messages.content_length": ("message_type", ()),
    "messages.activity_gap": (None, ("size", "tempo")),
}


def _check_segments(spec, refuse):
    """A key that no class ever looks up would be ignored in silence: a typo."""
    for path, (vocabulary, dimensions) in _DIMENSIONS.items():
        section, key = path.split(".")
        labels = set(getattr(spec, section).type.labels)
        for name in getattr(getattr(spec, section), key):
            segment = segments.parse(name)
            if segment.type is not None:
                # A type of the vocabulary that the mix happens not to have is no typo.
                known = labels | set(catalogue.vocabulary()[vocabulary] if vocabulary else ())
                if not vocabulary:
                    refuse(f"{path}.{name}", "must not name a type")
                if segment.type not in known:
                    refuse(f"{path}.{name}", f"no such type; the mix has {', '.join(labels)[:80]}")
            unknown = [one for one in segment.ranges if one not in dimensions]
            if unknown:
                allowed = " and ".join(dimensions) or "none"
                refuse(f"{path}.{name}", f"unknown dimension {unknown[0]}; known here: {allowed}")
            for low, high in segment.ranges.values():
                if not low < high:
                    refuse(f"{path}.{name}", f"the range {low:g} to {high:g} is empty or reversed")


# Largest values that mean something and that the server can hold: rows, characters, seconds.
MOST_ROWS = 2_000_000_000
MOST_CHARACTERS, MOST_NAME = 10_000_000, 10_000
MOST_ATTACHED, MOST_USERS_PER_MESSAGE = 10_000, 10_000
MOST_SECONDS = 36_525 * 86_400.0
_LIMITS = {
    "users.username_length": (0, MOST_NAME),
    "users.conversations_per_user": (0, MOST_ROWS),
    "conversations.messages": (1, MOST_ROWS),
    "conversations.members": (1, MOST_ROWS),
    "conversations.senders": (1, MOST_ROWS),
    "conversations.dominance": (0, 1),
    "conversations.tempo": (0, MOST_SECONDS),
    "conversations.start_position": (0, 1),
    "messages.content_length": (0, MOST_CHARACTERS),
    "messages.activity_gap": (0, MOST_SECONDS),
    "read_receipts.per_message": (1, MOST_ROWS),
    "read_receipts.delay_seconds": (0, MOST_SECONDS),
    "attachments.per_media_message": (0, MOST_ATTACHED),
    "attachments.size_bytes": (0, 1e15),
}


def _check_ranges(spec, refuse):
    """A value outside of what a quantity can be would end as an error of the server."""
    for path, (least, most) in _LIMITS.items():
        section, key = path.split(".")
        part = getattr(spec, section)
        if part is None:
            continue
        found = getattr(part, key)
        for name, quantity in (found if isinstance(found, dict) else {"": found}).items():
            where = f"{path}.{name}" if name else path
            lower, upper = quantity.fitted.lower, quantity.fitted.upper
            # A discrete quantity excludes its end; one of an open family is cut far out.
            highest = upper - 1 if quantity.discrete else upper
            if lower < least:
                refuse(f"{where}.lower", f"must be at least {least:g}, got {lower:g}")
            if highest > most and math.isfinite(upper):
                refuse(f"{where}.upper", f"must be at most {most:g}, got {highest:g}")
            if math.isinf(upper) and _far(quantity) > most:
                refuse(f"{where}.upper", f"must be set: one value in 10^10 is above {most:g}")


def _far(quantity):
    """Value that one draw in 10^10 exceeds, where the tables of the generator end."""
    return float(quantity.fitted.ppf(np.array([1.0]) - TAIL, np.array([TAIL]))[0])


def formatted(document):
    """JSON text with one line per list of numbers, so that a diff of two specs is readable.

    Parameters
    ----------
    document : dict

    Returns
    -------
    str
    """
    return _indented(document, "") + "\n"


def _indented(value, indent):
    inner = indent + "  "
    if isinstance(value, dict) and value:
        parts = [
            f"{inner}{json.dumps(key)}: {_indented(part, inner)}" for key, part in value.items()
        ]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        parts = [inner + _indented(part, inner) for part in value]
        return "[\n" + ",\n".join(parts) + f"\n{indent}]"
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def write_atomically(path, text):
    """Write a whole file or nothing.

    Parameters
    ----------
    path : path-like
    text : str

    Raises
    ------
    BadInput
        The directory does not exist or cannot be written.
    DatabaseError
        The disk is full.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        # Replacing a device or a pipe by a file would destroy it.
        raise BadInput(f"cannot write {path}: it is not a file", hint="give a file name")
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadInput(
            f"cannot write to {path.parent}", hint="create the directory, or choose another"
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise DatabaseError(
            f"could not write {path.name} ({error.strerror})", hint="free some space, then repeat"
        ) from error
