"""`synth sign`: an officer's sign-off."""

from pathlib import Path

import click

from synth import audit, console
from synth.cli import common_options


@click.command(name="sign")
@click.argument("pack", type=click.Path(path_type=Path))
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Private key file.")
@click.option("--officer", required=True, help="Who signs; stands in the manifest.")
@click.option(
    "--retention-days",
    type=click.IntRange(1),
    help="Keep it for no longer than that after its extraction. [default: as extracted]",
)
@click.option("--replace", is_flag=True, help="Replace an earlier sign-off.")
@common_options()
def command(pack, key, officer, retention_days, replace, as_json, verbose):
    """Sign PACK, if it and its manifest scan clean: the signature goes into the manifest.

    What is signed is the whole manifest, and with it the pack's digest. It must be what
    `synth extract` wrote, as the pack itself, the bill beside it and the audit log of this place
    know it. Bill or log must be there; what could not be looked at is said, and stands in the
    sign-off.

    --json prints {schema_version, manifest, sha256, officer, at, key_sha256, retention_until,
    is_trusted_here, not_checked []}.
    """
    from synth.commands.key import ask_passphrase
    from synth.custody import facts, sign
    from synth.pack import manifest, rule, trust

    signed = sign.sign(
        pack, key, officer, ask_passphrase, replace=replace, retention_days=retention_days
    )
    sign_off, sha256 = signed["sign_off"], signed["pack"]["sha256"]
    until = signed["retention_until"]
    not_checked = sign_off.get("not_checked", [])
    audit.note(
        pack_sha256=sha256,
        officer=sign_off["officer"],
        key_sha256=sign_off["key_sha256"],
        retention_until=until,
        is_retention_shortened=retention_days is not None,
        not_checked=not_checked,
    )
    is_trusted_here = trust.sign_off_problem(signed) is None
    beside = manifest.path_of(pack)
    if as_json:
        told = {name: sign_off[name] for name in ("officer", "at", "key_sha256")}
        console.document(
            {
                "manifest": str(beside),
                "sha256": sha256,
                **told,
                "retention_until": until,
                "is_trusted_here": is_trusted_here,
                "not_checked": not_checked,
            }
        )
        return
    console.result(f"signed   {beside}")
    console.result(f"officer  {sign_off['officer']}, key {sign_off['key_sha256'][:12]}")
    console.result(f"release  {rule.words(rule.of(signed['privacy']))}")
    console.result(f"keep     until {until}")
    for name in not_checked:
        console.result(f"without  {facts.WORDS[name]}")
    if not is_trusted_here:
        text, hint = trust.about_key(sign_off)
        console.note(f"synth: the pack {text}; {hint}")
