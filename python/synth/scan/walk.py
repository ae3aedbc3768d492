"""Walk a document and look at every key, string and number."""

import re
from dataclasses import dataclass

from synth.pack import manifest, rule
from synth.pack import schema as pack_schema
from synth.scan import detectors, numbers

_TOKEN = re.compile(pack_schema.TOKEN)
_TIME = re.compile(f"{pack_schema.TIMESTAMP}|{pack_schema.DATE}")
_FILE = re.compile(r"shape-metrics-[0-9]{8}[.]json")
_DIGITS = re.compile(r"[0-9]+")
_VERSION = re.compile(r"[0-9]+([.][0-9]+){1,3}([a-z.+-]+[0-9]*)*")
# Edges of fewer digits are nobody's birthday or telephone number.
_SMALLEST_STRANGE = 10**7
# No chat application is older; an earlier date is somebody's birthday.
_EARLIEST = "2000"
# No text of a pack or manifest is longer; of a longer one the beginning is looked at.
_LONGEST = 500
# Characters that no contract foresees, each counted as often as it is looked at. The patterns take
# up to 0.1 ms for one, and a document with so many is no pack.
_MOST_LOOKED_AT = 50_000
# What looking at a short text costs at least, in characters.
_LEAST_COST = 20
# A number is tried as a telephone number of thirty countries.
_NUMBER_COST = 100
LONG_TEXT, TOO_MUCH = "long_text", "too_much_text"
# A text that was cut into more pieces is not put together again.
_MOST_PIECES = 6
_SAMPLE_TIMES = ("2026-01-31", "2026-01-31T10:11:12Z")
_JOINTS = ("", " ", ", ")


@dataclass(frozen=True)
class Finding:
    """Something that must not leave.

    Attributes
    ----------
    path : str
        JSON path; a key that the contract does not know is shown by its position.
    place : str
        ``key``, ``value``, or ``split`` where only neighbours together give it.
    kind : str
        For example ``email``; never the text itself. ``long_text`` is one that no pack has room
        for, and ``too_much_text`` ends a scan: the rest was not looked at.
    """

    path: str
    place: str
    kind: str


@dataclass(frozen=True)
class ScanResult:
    """What a scan looked at and found."""

    findings: tuple
    n_strings: int
    n_numbers: int


def scan(document, *, digests=()):
    """Look at every key and value of a document.

    Parameters
    ----------
    document : object
        Parsed JSON.
    digests : sequence of str
        Digests that are expected in it (a manifest names its pack's).

    Returns
    -------
    ScanResult
        Findings in document order.
    """
    walker = _Walker(document, frozenset(digests))
    walker.walk(document, "$")
    return ScanResult(tuple(walker.findings), walker.n_strings, walker.n_numbers)


class _Walker:
    def __init__(self, document, digests):
        schemas = pack_schema.build(), manifest.schema()
        self.declared = digests.union(*map(_words, schemas), rule.texts(document))
        self.time_keys = frozenset().union(*map(_time_keys, schemas))
        self.segment = re.compile(pack_schema.segment_pattern())
        self.suppressed = re.compile(pack_schema.suppressed_pattern())
        self.bin = re.compile(pack_schema.BIN)
        self.largest = numbers.largest_total(document)
        self.findings = []
        self.n_strings = 0
        self.n_numbers = 0
        self._seen = {}
        self._left = _MOST_LOOKED_AT

    def walk(self, node, path, key=None, above=()):
        """Look at a node; `above` holds the undeclared keys on the way to it."""
        if isinstance(node, dict):
            self._object(node, path, above)
        elif isinstance(node, list):
            for index, child in enumerate(node):
                self.walk(child, f"{path}[{index}]", key, above)
            self._split(path, [_piece(child) for child in node if self._is_foreign(child, above)])
        elif isinstance(node, str):
            self._text(node, path, "value", key)
        elif isinstance(node, int | float) and not isinstance(node, bool):
            self._number(node, path, above)

    def _object(self, node, path, above):
        keys, values, both = [], [], []
        # Bins are keys of a histogram, which has no others.
        are_bins = all(self._is_bin(key) for key in node)
        for position, (key, child) in enumerate(node.items(), start=1):
            is_declared = are_bins or self._is_declared(key)
            here = f"{path}.{key}" if is_declared else f"{path}.(key {position})"
            if not are_bins:
                self._text(key, here, "key")
            below = above if is_declared else (*above, key)
            self.walk(child, here, key, below)
            if not is_declared:
                keys.append(key)
                both.append(key)
                if isinstance(child, dict):
                    # A text may go on one level down.
                    for inner in child:
                        if not self._is_declared(inner):
                            self._split(here, [*below, inner])
            if self._is_foreign(child, below):
                values.append(_piece(child))
                both.append(_piece(child))
        for pieces in (keys, values, both):
            self._split(path, pieces)

    def _is_foreign(self, node, above):
        """Whether a value is one that no schema foresees: a text, or a number in such a place."""
        if isinstance(node, str):
            is_version = not above and bool(_VERSION.fullmatch(node))
            return not (self._is_declared(node) or _TIME.fullmatch(node) or is_version)
        return bool(above) and isinstance(node, int | float) and not isinstance(node, bool)

    def _split(self, path, pieces):
        """Look at what neighbours give when they are put together."""
        if len(pieces) < 2 or self._left <= 0:
            return
        alone = set().union(*(self._once(piece) for piece in pieces))
        found = set()
        for start in range(len(pieces)):
            for stop in range(start + 2, min(start + _MOST_PIECES, len(pieces)) + 1):
                for joint in _JOINTS:
                    found |= self._detected(joint.join(pieces[start:stop]))
        for kind in sorted(found - alone - {LONG_TEXT}):
            self.findings.append(Finding(path, "split", kind))

    def _text(self, text, path, place, key=None):
        self.n_strings += 1
        if _TIME.fullmatch(text) and key in self.time_keys and text >= _EARLIEST:
            return
        for kind in sorted(self._once(text)):
            self.findings.append(Finding(path, place, kind))

    def _once(self, text):
        if text not in self._seen:
            self._seen[text] = self._kinds(text)
        return self._seen[text]

    def _number(self, number, path, above):
        self.n_numbers += 1
        found = set()
        if numbers.is_strange(number, self.largest) and self._spend(_NUMBER_COST):
            found = numbers.kinds(int(number))
        if above and isinstance(number, int):
            # Where the contract foresees nothing, a number is as good as a text.
            found = found | self._detected(str(number))
        for kind in sorted(found):
            self.findings.append(Finding(path, "value", kind))

    def _kinds(self, text):
        if text in self.declared or _FILE.fullmatch(text):
            return set()
        # A declared form may still hide text in its hex digits.
        if self._is_declared(text):
            return detectors.hidden(text)
        return self._detected(text)

    def _detected(self, text: str) -> set[str]:
        """Kinds found in a text, as long as not too many were looked at."""
        found = {LONG_TEXT} if len(text) > _LONGEST else set()
        text = text[:_LONGEST]
        return found | detectors.kinds(text) if self._spend(len(text)) else found

    def _spend(self, cost: int) -> bool:
        if self._left > 0:
            self._left -= max(cost, _LEAST_COST)
            if self._left <= 0:
                self.findings.append(Finding("$", "value", TOO_MUCH))
        return self._left > 0

    def _is_declared(self, text):
        return (
            text in self.declared
            or bool(_TOKEN.fullmatch(text))
            or bool(self.segment.fullmatch(text))
            or bool(self.suppressed.fullmatch(text))
        )

    def _is_bin(self, text):
        """Whether a key is a histogram's bin; a phone number is none."""
        if not self.bin.fullmatch(text):
            return False
        runs = (int(run) for run in _DIGITS.findall(text))
        return all(run < _SMALLEST_STRANGE or _is_round(run) for run in runs)


def _is_round(number):
    """Whether a large number is one that people use as an edge."""
    return any(edge % 10**5 == 0 or numbers.is_edge(edge) for edge in (number, number + 1))


def _words(schema):
    """Every key and constant that a schema declares."""
    words = set()
    if isinstance(schema, dict):
        words |= set(schema.get("properties", ()))
        words |= {word for word in schema.get("enum", ()) if isinstance(word, str)}
        if isinstance(schema.get("const"), str):
            words.add(schema["const"])
    children = schema.values() if isinstance(schema, dict) else schema
    for child in children:
        if isinstance(child, dict | list):
            words |= _words(child)
    return frozenset(words)


def _time_keys(schema, definitions=None):
    """Keys whose values a schema declares to be a date or a time."""
    keys = set()
    if isinstance(schema, dict):
        definitions = schema.get("$defs", definitions) or {}
        for key, one in schema.get("properties", {}).items():
            if isinstance(one, dict) and "$ref" in one:
                one = definitions.get(one["$ref"].rpartition("/")[2], {})
            pattern = one.get("pattern") if isinstance(one, dict) else None
            if pattern and any(re.fullmatch(pattern, sample) for sample in _SAMPLE_TIMES):
                keys.add(key)
    children = schema.values() if isinstance(schema, dict) else schema
    for child in children:
        if isinstance(child, dict | list):
            keys |= _time_keys(child, definitions)
    return frozenset(keys)


def _piece(node):
    return node if isinstance(node, str) else str(node)
