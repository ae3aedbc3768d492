"""Call synth and dbt as a user does, without the seconds that loading them takes."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import warm_client

_HERE = Path(__file__).parent
# What the interpreter reads when it starts: a forked one has started already.
_STARTS_ANEW = ("PYTHON", "LC_", "LANG")


class Warm:
    """A warm server of this worker's own; see `warm_server`.

    Parameters
    ----------
    project_dir : pathlib.Path
        Directory that calls are made from.
    """

    def __init__(self, project_dir: Path) -> None:
        self.project_dir = project_dir
        self.folder = Path(tempfile.mkdtemp(prefix="synth-warm-"))
        # Servers of tests may run as another user, and so may what they start.
        self.folder.chmod(0o755)
        shutil.copy(_HERE / "warm_client.py", self.folder)
        socket = self.folder / "socket"
        self._process = subprocess.Popen(
            [sys.executable, str(_HERE / "warm_server.py"), str(socket)],
            stdin=subprocess.PIPE,
            cwd=project_dir,
        )
        while not socket.exists():
            assert self._process.poll() is None, "the warm server did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        """End the server."""
        self._process.stdin.close()
        self._process.wait(30)
        shutil.rmtree(self.folder)

    def run(
        self,
        program: str,
        *arguments: object,
        env: dict[str, str | None] | None = None,
        timeout: float = 300,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess:
        """Run ``synth`` or ``dbt`` to its end.

        Parameters
        ----------
        program : str
        *arguments
            Written out.
        env : dict, optional
            Added to the environment; a value of None removes a variable.
        timeout : float, seconds
        cwd : pathlib.Path, optional
            Default: the project's directory.

        Returns
        -------
        subprocess.CompletedProcess
            With text output.
        """
        environment = {**os.environ, **(env or {})}
        environment = {name: value for name, value in environment.items() if value is not None}
        words = [str(one) for one in arguments]
        folder = str(cwd or self.project_dir)
        changed = [name for name, value in (env or {}).items() if os.environ.get(name) != value]
        if any(name.startswith(_STARTS_ANEW) for name in changed):
            module = "synth" if program == "synth" else "synth.dbt"
            return subprocess.run(
                [sys.executable, "-m", module, *words],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=timeout,
                check=False,
            )
        request = {
            "program": program,
            "arguments": words,
            "environment": environment,
            "folder": folder,
        }
        with (
            open(os.devnull) as nothing,
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as err,
        ):
            streams = [one.fileno() for one in (nothing, out, err)]
            try:
                code = warm_client.call(str(self.folder), request, streams, timeout)
            except TimeoutError:
                raise subprocess.TimeoutExpired([program, *words], timeout) from None
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess([program, *words], code, out.read(), err.read())
