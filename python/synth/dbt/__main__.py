"""The child: dbt, tied to the life of its parent. It imports nothing of synth."""

import os
import signal
import sys


def main(arguments: list[str]) -> None:
    """Run dbt in this process, which ends when its parent does."""
    if sys.platform == "linux":
        import ctypes

        parent = os.getppid()
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
    from dbt.cli.main import cli

    cli(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
