"""Command line: finds the subcommand, turns errors into one line and an exit code.

A subcommand's module is imported only when it is called, so that ``calibrate`` does not
pay for a database driver.
"""

import functools
import importlib
import os
import sys

import click

from synth import __version__, console
from synth.errors import SynthError

# name: (module below synth.commands, attribute, one line of help)
COMMANDS = {
    "pg": ("pg", "Start, stop or inspect the embedded server."),
    "standin": ("standin", "Fill the stand-in production from real data or a simulation."),
    "extract": ("extract", "Build the shape inside the boundary and export the pack."),
    "map": ("map", "Look at the source mapping: what each canonical column is made of."),
    "role": ("role", "Print DDL of the role that may read the source, for the DBA."),
    "scan": ("scan", "Re-check a pack: closed schema first, then patterns."),
    "sign": ("sign", "Sign a pack that scans clean."),
    "verify": ("verify", "Check digest, signature, retention date and salt of a pack."),
    "explain": ("explain", "List what stands behind every number of a pack; compare two."),
    "seal": ("seal", "Encrypt a pack for transport."),
    "unseal": ("unseal", "Decrypt a sealed pack."),
    "key": ("key", "Make keys; say which officers are trusted."),
    "import": ("import_pack", "Load a pack into dev as the baseline."),
    "calibrate": ("calibrate", "Fit distributions to a pack and write the spec."),
    "generate": ("generate", "Generate a synthetic database from a spec and a seed."),
    "checksum": ("checksum", "Order-independent checksum of every synthetic table."),
    "status": ("status", "Show how far the running or the last generation run is."),
    "runs": ("runs", "List the generation runs of a target."),
    "teardown": ("teardown", "Drop the tables that a run made."),
    "expire": ("expire", "Delete packs, imports and specs past their retention date."),
    "audit": ("audit", "Show and verify the log of what was done."),
    "validate": ("validate", "Compare the synthetic shape with a pack; verdict and report."),
    "loop": ("loop", "Generate, validate, adjust what missed, until GO or no progress."),
    "report": ("report", "Write one page about a validated run, or about two."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are looked up."""

    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"synth.commands.{COMMANDS[name][0]}")
        return module.command

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="synth")
def synth():
    """Give a team a PostgreSQL database that behaves like production and holds none of it."""


def common_options(*, target=None):
    """Options every command has: ``--json``, ``-v`` and, with a default, ``--target``.

    Parameters
    ----------
    target : str, optional
        Default dbt target; without it the command takes none.

    Returns
    -------
    callable
        Decorator; the command receives ``as_json``, ``verbose`` and ``target``.
    """

    def decorate(function):
        function = _recorded(function)
        function = click.option(
            "-v", "--verbose", is_flag=True, help="Show the chain of causes of a failure."
        )(function)
        function = click.option(
            "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
        )(function)
        if target:
            function = click.option(
                "--target", default=target, show_default=True, help="Target of the dbt profile."
            )(function)
        return function

    return decorate


def _recorded(function):
    """Write the command's line in the audit log when it ends."""

    @functools.wraps(function)
    def run(*arguments, **options):
        from synth import audit

        name = click.get_current_context().command_path.removeprefix("synth ")
        with audit.recorded(name) as ended:
            code = function(*arguments, **options)
            ended(code if isinstance(code, int) else 0)
        return code

    return run


def main(arguments=None):
    """Run the command line and exit.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default ``sys.argv[1:]``.
    """
    # OpenBLAS threads cost more than they give on our small arrays, and slow the start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    verbose = "-v" in arguments or "--verbose" in arguments
    console.secure_streams()
    try:
        code = synth.main(arguments, prog_name="synth", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = 2
    except click.ClickException as error:
        console.note(f"synth: {' '.join(error.format_message().split())}")
        code = 2
    except SynthError as error:
        _complain(error, verbose=verbose)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        console.note("interrupted")
        code = 130
    except Exception as error:
        code = _unforeseen(error)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(error, *, verbose):
    console.note(f"synth: {error}")
    cause = error.__cause__
    while verbose and cause is not None:
        # The type only: a driver's own text may quote a row or a connection string.
        shown = str(cause) if isinstance(cause, SynthError) else type(cause).__name__
        console.note(f"  caused by {shown}")
        cause = cause.__cause__


def _unforeseen(error):
    # Bytes of the command line that are no text arrive as halves of characters. What a terminal
    # cannot show has another reason.
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        console.note("synth: an argument or a setting is not valid UTF-8; give it in UTF-8")
        return 2
    # A defect of ours. Only where it happened is shown: the text may quote what it read.
    place = error.__traceback__
    while place.tb_next is not None:
        place = place.tb_next
    where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
    console.note(f"synth: internal error {type(error).__name__} at {where}; report it")
    return 3
