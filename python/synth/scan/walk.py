"""Walk a document and look at every key, string and number."""

import re
from dataclasses import dataclass

from synth.pack import manifest
from synth.pack import schema as pack_schema
from synth.scan import detectors

_TOKEN = re.compile(pack_schema.TOKEN)
_TIME = re.compile(f"{pack_schema.TIMESTAMP}|{pack_schema.DATE}")
_FILE = re.compile(r"shape-metrics-[0-9]{8}[.]json")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Finding:
    """Something that must not leave.

    Attributes
    ----------
    path : str
        JSON path; a key that the contract does not know is shown by its position.
    place : str
        ``key`` or ``value``.
    kind : str
        For example ``email``; never the text itself.
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
    walker = _Walker(frozenset(digests))
    walker.walk(document, "$")
    return ScanResult(tuple(walker.findings), walker.n_strings, walker.n_numbers)


class _Walker:
    def __init__(self, digests):
        self.declared = digests | _words(pack_schema.build()) | _words(manifest.schema())
        self.segment = re.compile(pack_schema.segment_pattern())
        self.suppressed = re.compile(pack_schema.suppressed_pattern())
        self.bin = re.compile(pack_schema.BIN)
        self.findings = []
        self.n_strings = 0
        self.n_numbers = 0
        self._seen = {}

    def walk(self, node, path):
        if isinstance(node, dict):
            for position, (key, child) in enumerate(node.items(), start=1):
                here = f"{path}.{key}" if self._is_declared(key) else f"{path}.(key {position})"
                self._text(key, here, "key")
                self.walk(child, here)
        elif isinstance(node, list):
            for index, child in enumerate(node):
                self.walk(child, f"{path}[{index}]")
        elif isinstance(node, str):
            self._text(node, path, "value")
        elif isinstance(node, int | float) and not isinstance(node, bool):
            self._number(node, path)

    def _text(self, text, path, place):
        self.n_strings += 1
        if text not in self._seen:
            self._seen[text] = self._kinds(text)
        for kind in self._seen[text]:
            self.findings.append(Finding(path, place, kind))

    def _number(self, number, path):
        self.n_numbers += 1
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        # Of numbers only cards have a checksum; a count of 13 digits does not occur.
        long = isinstance(number, int) and 10**12 <= number < 10**19 and number % 1000
        if long and detectors.is_card(str(number)):
            self.findings.append(Finding(path, "value", "card"))

    def _kinds(self, text):
        if text in self.declared or self._is_bin(text):
            return []
        if _TIME.fullmatch(text) or _FILE.fullmatch(text):
            return []
        # A declared form may still hide text in its hex digits.
        if self._is_declared(text):
            return sorted(detectors.hidden(text))
        return sorted(detectors.kinds(text))

    def _is_declared(self, text):
        return (
            text in self.declared
            or bool(_TOKEN.fullmatch(text))
            or bool(self.segment.fullmatch(text))
            or bool(self.suppressed.fullmatch(text))
            or self._is_bin(text)
        )

    def _is_bin(self, text):
        """Whether a key is a histogram's bin; a phone number is none."""
        if not self.bin.fullmatch(text):
            return False
        return all(len(run) < 9 or _is_round(int(run)) for run in _DIGITS.findall(text))


def _is_round(number):
    """Whether a large number is one that people use as an edge."""
    return any(edge % 10**5 == 0 or edge & (edge - 1) == 0 for edge in (number, number + 1))


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
