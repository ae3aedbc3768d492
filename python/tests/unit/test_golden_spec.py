"""A calibrated spec against its golden file."""

import dataclasses

import golden_files
from calibration_pack import full_pack

from synth.calibrate import calibrate
from synth.pack import reader


def test_golden_spec(golden):
    document, _ = full_pack()
    found = calibrate(reader.from_document(document, sha256="0" * 64), null_sections=())
    figures = {"notes": list(found.notes)}
    for section, value in dataclasses.asdict(found.spec).items():
        if section == "created_at":
            continue
        parts = value if isinstance(value, dict) else {"value": value}
        figures[section] = {name: golden_files.digest([part]) for name, part in parts.items()}
    golden("spec", figures)
