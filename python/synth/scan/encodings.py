"""Readable texts that hide in a text: percent, base64, base32, hex and character references."""

import base64
import binascii
import html
import re
import unicodedata
from urllib.parse import unquote

# Shorter texts name nobody, and three random bytes too often read as text.
_SHORTEST = 5
_HEX = re.compile(r"(?<![0-9a-f])(?:0x)?((?:[0-9a-f]{2}){5,})(?![0-9a-f])", re.IGNORECASE)
_SPACED_HEX = re.compile(
    r"(?<![0-9a-f])(?:(?:0x|\\x)?[0-9a-f]{2}[ :,-]?(?=0x|\\x|[0-9a-f]{2})){4,}"
    r"(?:0x|\\x)?[0-9a-f]{2}(?![0-9a-f])",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{7,}={0,2}")
_BASE32 = re.compile(r"(?<![A-Z2-7])[A-Z2-7]{8,}={0,6}(?![A-Z2-7])")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


def plain(text):
    """Undo what hides a text from a pattern: full-width forms and invisible characters."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def decoded(text):
    """Readable texts that hide in a text.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        Without those that are the text itself.
    """
    found = [unquote(text), html.unescape(text)]
    found.append(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text))
    candidates = [(binascii.unhexlify, match) for match in _HEX.findall(text)]
    candidates += [(_from_spaced_hex, match) for match in _SPACED_HEX.findall(text)]
    candidates += [(_from_base64, match) for match in _BASE64.findall(text)]
    candidates += [(_from_base32, match) for match in _BASE32.findall(text)]
    for decode, candidate in candidates:
        try:
            # UTF-16 of plain text is that text between null bytes.
            inner = decode(candidate).replace(b"\0", b"").decode()
        except (ValueError, binascii.Error):
            continue
        if len(inner) >= _SHORTEST and inner.isprintable():
            found.append(inner)
    return [plain(inner) for inner in dict.fromkeys(found) if inner != text]


def _from_spaced_hex(text):
    return binascii.unhexlify(re.sub(r"0x|\\x|[ :,-]", "", text.lower()))


def _from_base64(text):
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        raise ValueError
    return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)


def _from_base32(text):
    body = text.rstrip("=")
    return base64.b32decode(body + "=" * (-len(body) % 8))
