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

from synth import catalogue, inputs
from synth.errors import BadInput, DatabaseError
from synth.fit.distribution import TAIL
from synth.spec import segments

SCHEMA_PATH = Path(__file__).parents[1] / "schemas" / "spec.schema.json"
_MAX_BYTES = 16 * inputs.MEBIBYTE
_MAX_DEPTH = 24
# What a key of a spec looks like; a segment has up to two ranges.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.+]{0,63}")
# Where the validator says what a rule asks for.
_LIMITS_OF = ("limit", "options", "expected_value", "pattern")


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
    content = inputs.read_bytes(path, "spec", limit=_MAX_BYTES)
    document = inputs.parse_json(content, where=f"spec {path.name}", max_depth=_MAX_DEPTH)
    if not isinstance(document, dict):
        raise BadInput(f"{path.name} must hold one JSON object, got {type(document).__name__}")
    return document


@lru_cache(maxsize=1)
def _validator():
    # Compiled: pure Python takes a second for the hundreds of segments of a full spec.
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA_PATH.read_text()))


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
    import jsonschema_rs

    try:
        # The first violation only: to list a million of them takes a minute.
        _validator().validate(document)
    except UnicodeEncodeError as half:
        raise BadInput(f"{origin}: holds half a surrogate pair, which is no text") from half
    except jsonschema_rs.ValidationError as error:
        where, rule = _explained(error)
        raise BadInput(
            f"{origin}: {where}: {rule}",
            hint="see python/synth/schemas/spec.schema.json",
            path=where,
        ) from None


def _explained(error):
    kind = error.kind
    steps = error.instance_path
    where = "".join(f"[{one}]" if isinstance(one, int) else f".{_shown(one)}" for one in steps)
    if kind.name == "required":
        rule = f"must have {kind.property}"
    elif kind.name == "additionalProperties":
        rule = f"unknown key {_shown(kind.unexpected[0])!r}"
    elif kind.name in ("type", "anyOf", "oneOf"):
        allowed = " or ".join(kind.types) if kind.name == "type" else "one of the published forms"
        rule = f"must be {allowed}, got {type(error.instance).__name__}"
    else:
        limit = next((getattr(kind, one) for one in _LIMITS_OF if hasattr(kind, one)), "")
        came = f", got {error.instance:.6g}" if isinstance(error.instance, int | float) else ""
        rule = f"must keep to {kind.name} {str(limit)[:60]}".rstrip() + came
    return where.lstrip(".") or "the document", rule


def _shown(key):
    """A key that is a plain name; of any other only its length: it may be anything."""
    return key if _NAME.fullmatch(key) else f"(a key of {len(key)} characters)"


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
