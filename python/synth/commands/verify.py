"""`synth verify`: is a pack what an officer signed, and may it still be used?"""

from pathlib import Path

import click

from synth import audit, console
from synth.cli import common_options


@click.command(name="verify")
@click.argument("pack", type=click.Path(path_type=Path))
@common_options()
def command(pack, as_json, verbose):
    """Check digest, scan, rule, facts, form, signature, retention date, salt, bill and log of PACK.

    Exit code 1 where one of them fails. The salt is compared where ANONYMIZATION_SALT is set,
    the bill where it lies beside the pack, the audit log where it has the extraction: all three
    belong inside the boundary.

    --json prints {schema_version, pack, sha256, trust, officer, retention_until, is_trusted,
    points [{name, result, text}]}.
    """
    from synth.custody import sign

    points, record = sign.verify(pack)
    audit.note(pack_sha256=record.sha256, trust=record.state)
    failed = [point for point in points if point.result == sign.FAILED]
    if as_json:
        console.document(
            {
                "pack": str(pack),
                "sha256": record.sha256,
                "trust": record.state,
                "officer": record.officer,
                "retention_until": record.retention_until,
                "is_trusted": record.is_trusted and not failed,
                "points": [
                    {"name": point.name, "result": point.result, "text": point.text}
                    for point in points
                ],
            }
        )
    else:
        console.table(
            ["what", "result", "found"],
            [(point.name, point.result, point.text) for point in points],
            title=f"pack {pack}",
        )
        console.result("verified" if not failed else f"{len(failed)} of {len(points)} failed")
    return 1 if failed else 0
