"""Pass a call to the warm server, and end with its exit code.

A copy lies beside the server's socket. There it stands in the place of ``synth/dbt/__main__.py``
and imports no more than it must.
"""

import json
import os
import socket
import sys


def call(folder, request, streams, timeout=None):
    """Send a request with three streams; gives the exit code.

    Parameters
    ----------
    folder : str
        Where the server's socket and the copy of this file are.
    request : dict
        ``program`` (``dbt`` or ``synth``), ``arguments``, ``environment``, ``folder``.
    streams : list of int
        Descriptors of standard input, output and error.
    timeout : float, seconds, optional

    Raises
    ------
    TimeoutError
    """
    with socket.socket(socket.AF_UNIX) as server:
        server.settimeout(timeout)
        server.connect(f"{folder}/socket")
        client = f"{folder}/{os.path.basename(__file__)}"
        content = json.dumps({**request, "client": client}).encode() + b"\n"
        sent = socket.send_fds(server, [content], streams)
        server.sendall(content[sent:])
        return int(server.recv(64) or 70)


if __name__ == "__main__":
    request = {
        "program": "dbt",
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "folder": os.getcwd(),
    }
    sys.exit(call(os.path.dirname(__file__), request, [0, 1, 2]))
