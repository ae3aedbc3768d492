"""`synth key`: officers' keys, age identities, and which keys are trusted here."""

import os
import sys
from pathlib import Path

import click

from synth import console
from synth.cli import common_options
from synth.errors import BadInput


def ask_passphrase(confirm=False):
    """Passphrase of a key: from the environment, or from a person; never an argument.

    Raises
    ------
    BadInput
        Neither is there.
    """
    from synth.pack import keys

    given = os.environ.get(keys.PASSPHRASE_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise BadInput(
            "the key needs a passphrase and there is no terminal to ask on",
            hint=f"set {keys.PASSPHRASE_VARIABLE}",
        )
    return click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)


@click.group(name="key")
def command():
    """Make keys, and say which officers' keys are trusted here."""


@command.command("new")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--officer", help="Whose signing key it is; names the public file NAME.pub.")
@click.option("--passphrase", is_flag=True, help="Encrypt the private key; asks for a passphrase.")
@click.option("--age", is_flag=True, help="Make an age identity for `synth unseal` instead.")
@common_options()
def new(path, officer, passphrase, age, as_json, verbose):
    """Make a key pair: the private key at PATH (mode 0600), the public one beside it.

    --json prints {schema_version, private, public, key_sha256}, with --age {schema_version,
    private, recipient}.
    """
    if age == bool(officer) or (age and passphrase):
        raise BadInput("give either --officer NAME (and --passphrase), or --age")
    if not path.resolve().parent.is_dir():
        raise BadInput(f"the directory of {path} does not exist", hint="create it first")
    if age:
        from synth.custody import seal

        recipient = seal.create_identity(path)
        if as_json:
            console.document({"private": str(path), "recipient": recipient})
            return
        console.result(f"private    {path} (keep it where packs are unsealed)")
        console.result(f"recipient  {recipient}")
        return
    from synth.pack import keys

    secret = ask_passphrase(confirm=True) if passphrase else None
    public, digest = keys.create(path, officer, secret)
    if as_json:
        console.document({"private": str(path), "public": str(public), "key_sha256": digest})
        return
    console.result(f"private  {path}" + ("" if secret else " (without a passphrase)"))
    console.result(f"public   {public}: give it to those who read packs, for `synth key trust`")
    console.result(f"sha256   {digest}")


@command.command("trust")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--officer", help="Name in manifests. [default: the file's name without .pub]")
@common_options()
def trust(path, officer, as_json, verbose):
    """Trust the officer's public key at PATH: packs signed with it are accepted here.

    Compare its digest with the officer first, in person or by telephone.

    --json prints {schema_version, officer, path, key_sha256}.
    """
    from synth import audit
    from synth.pack import keys

    name = officer or path.name.removesuffix(".pub")
    final = keys.trust(path, name)
    digest = keys.digest(keys.load_public(final))
    audit.note(officer=name, key_sha256=digest)
    if as_json:
        console.document({"officer": name, "path": str(final), "key_sha256": digest})
        return
    console.result(f"packs signed by {name} are accepted here ({final})")
    console.result(f"sha256  {digest}")


@command.command("list")
@common_options()
def list_keys(as_json, verbose):
    """List the officers whose keys are trusted here.

    --json prints {schema_version, directory, officers [{officer, key_sha256}]}.
    """
    from synth.pack import keys

    found = [(name, keys.digest(key)) for name, key in keys.trusted().items()]
    if as_json:
        officers = [{"officer": name, "key_sha256": digest} for name, digest in found]
        console.document({"directory": str(keys.trusted_directory()), "officers": officers})
        return
    console.table(["officer", "sha256 of the key"], found, title=str(keys.trusted_directory()))
