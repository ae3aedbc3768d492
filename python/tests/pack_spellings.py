"""Other spellings of a pack: the same figures in bytes that the writer would not write."""

import json
import re

from synth.pack import writer


def reordered(text):
    document = json.loads(text)
    document["users"] = dict(reversed(document["users"].items()))
    return writer.dumps(document).decode()


def without_a_null(text):
    document = json.loads(text)
    document["users"] = {name: one for name, one in document["users"].items() if one is not None}
    return writer.dumps(document).decode() + " "


def joint_reordered(text):
    document = json.loads(text)
    joint = document["conversations"]["tempo_by_size"]
    document["conversations"]["tempo_by_size"] = dict(reversed(joint.items()))
    return writer.dumps(document).decode()


SPELLINGS = {
    "indented": lambda text: json.dumps(json.loads(text), indent=4),
    "blanks inside": lambda text: text.replace(": ", ":  ", 1),
    "no end of line": str.rstrip,
    "a fraction": lambda text: text.replace('"k": 20', '"k": 20.0'),
    "a power": lambda text: text.replace('"k": 20', '"k": 2e1'),
    "a count as a fraction": lambda text: re.sub(r"(, \d+)\](\]|,)", r"\1.0]\2", text, count=1),
    "an edge as a fraction": lambda text: text.replace(", 10, ", ", 10.0, ", 1),
    "one digit more": lambda text: re.sub(r"(0\.\d{5,})", r"\g<1>00000001", text, count=1),
    "an escape": lambda text: text.replace('"users"', '"\\u0075sers"'),
    "order of keys": reordered,
    "order of segments": joint_reordered,
    "no nulls": without_a_null,
}
