"""The published schema: the same as the one in use, closed, and as wide as the catalogue."""

import json
from pathlib import Path

import jsonschema
import pack_rows
import pytest

import synth
from synth import catalogue
from synth.pack import schema, writer

PUBLISHED = Path(synth.__file__).parent / "schemas"


def _subschemas(node, path="$"):
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            yield from _subschemas(child, f"{path}.{key}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _subschemas(child, f"{path}[{index}]")


def _load(name):
    return json.loads((PUBLISHED / name).read_text())


def test_published_pack_schema_is_the_one_in_use():
    assert (PUBLISHED / "pack.schema.json").read_text() == schema.text()


@pytest.mark.parametrize("name", ["pack.schema.json", "manifest.schema.json"])
def test_schema_is_valid_draft_2020_12(name):
    jsonschema.Draft202012Validator.check_schema(_load(name))


@pytest.mark.parametrize("name", ["pack.schema.json", "manifest.schema.json"])
def test_every_object_is_closed_and_every_string_declared(name):
    for path, node in _subschemas(_load(name)):
        if "properties" in node and path.rsplit(".", 1)[-1] != "properties":
            assert node.get("additionalProperties") is False, path
        types = node.get("type", [])
        types = [types] if isinstance(types, str) else types
        if isinstance(types, list) and "string" in types:
            assert node["pattern"].startswith("^"), path
            assert node["pattern"].endswith("$"), path
        if isinstance(types, list) and {"number", "integer"} & set(types):
            assert "maximum" in node, path


def test_every_catalogue_key_is_in_the_schema_and_nothing_else():
    built = schema.build()["properties"]
    wanted = {entity: set() for entity in catalogue.ENTITIES}
    for line in catalogue.metrics():
        wanted[line.entity].add(line.pack_key)
        if line.segments == "type":
            wanted[line.entity].add(f"{line.pack_key}_by_type")
    for entity, keys in wanted.items():
        assert set(built[entity]["else"]["properties"]) == keys


def test_catalogue_uses_known_words_only():
    for line in catalogue.metrics():
        assert line.entity in catalogue.ENTITIES
        assert line.kind in catalogue.KINDS
        assert line.form in catalogue.FORMS
        assert line.segments in ("none", "type", "joint")


def test_another_validator_accepts_a_full_pack_too():
    document = json.loads(writer.dumps(writer.document(pack_rows.make(3), pack_rows.META)))
    jsonschema.Draft202012Validator(_load("pack.schema.json")).validate(document)
