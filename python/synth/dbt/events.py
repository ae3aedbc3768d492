"""Take dbt's JSON events apart: progress, and what came of each node."""

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synth import console
from synth.dbt import refusals

if TYPE_CHECKING:
    from rich.progress import Progress

_DONE = {"success", "pass", "warn", "fail", "error", "skipped", "runtime error"}
_BAD = {"fail", "error", "runtime error"}
_NOTE_SECONDS = 5
# Lines that are no event, and quote nothing but arguments and modules.
_PLAIN = re.compile(r"^(?:Error|ModuleNotFoundError|ImportError): (.+)$")


@dataclass(frozen=True)
class NodeResult:
    """What came of one model, seed or test.

    Attributes
    ----------
    name, resource_type, status : str
        ``resource_type`` is ``model``, ``seed``, ``test``, ``unit_test`` or ``operation``.
    n_failures : int
        Rows a test found (never the rows).
    reason : str
        Why it failed, in identifiers only; empty where that cannot be said.
    file : str
        Name of the file with its compiled SQL, without the ending.
    """

    name: str
    resource_type: str
    status: str
    n_failures: int = 0
    reason: str = ""
    file: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether this fails the run."""
        return self.status in _BAD


class Reader:
    """Takes dbt's JSON events apart."""

    def __init__(self, title: str, *, shown: bool) -> None:
        self.title = title
        self.shown = shown
        self.invocation_id = ""
        self._trouble = ""
        self._plain = ""
        self._nodes = {}
        self._reasons = {}
        self._task = None
        self._total = 0
        self._done = 0
        self._started = time.monotonic()
        self._building_since = self._started
        self._noted = self._started

    @property
    def trouble(self) -> str:
        """Why dbt did not come to run anything, in its own words; empty where it did."""
        return self._trouble or ("" if self._nodes else self._plain)

    def line(self, line: str, bars: "Progress") -> None:
        """Take one line of dbt's output."""
        try:
            event = json.loads(line)
            name, data = event["info"]["name"], event["data"]
        except (ValueError, KeyError, TypeError):
            if plain := _PLAIN.match(line):
                self._plain = f"Usage Error\n  {plain.group(1)}"
            return
        self.invocation_id = event["info"].get("invocation_id") or self.invocation_id
        if name == "MainEncounteredError":
            self._trouble = data.get("exc", "") or "unknown"
        elif name == "JinjaLogWarning":
            # The project's own words: macros warn of settings, never of rows. What tell_gates
            # says is ours to say.
            if not data.get("msg", "").startswith("gates:"):
                console.note(f"dbt: {data.get('msg', '')}")
        elif name in ("RunResultError", "RunResultFailure") and "msg" in data:
            self._reasons[_node_id(data)] = refusals.readable(data["msg"])
        elif name == "ConcurrencyLine" and data.get("node_count"):
            self._total = data["node_count"]
            self._building_since = time.monotonic()
            self._task = bars.add_task(self.title, total=self._total)
        self._node(data, bars)

    def results(self) -> Iterator[NodeResult]:
        """What came of each node, in the order they ended."""
        for key, node in self._nodes.items():
            yield NodeResult(**{**node, "reason": self._reasons.get(key, "")})

    def _node(self, data: dict, bars: "Progress") -> None:
        info = data.get("node_info") or {}
        if "node_name" not in info:
            return
        # A model's own status may be the server's, as in "SELECT 1"; the node's is dbt's.
        spoken = (str(info.get("node_status")).lower(), str(data.get("status")).lower())
        status = next((word for word in spoken if word in _DONE), None)
        if status is None or _node_id(data) in self._nodes:
            if info.get("node_status") == "started" and self._task is not None:
                bars.update(self._task, description=info["node_name"][:28])
            return
        self._nodes[_node_id(data)] = {
            "name": info["node_name"],
            "resource_type": info.get("resource_type", "model"),
            "status": status,
            "n_failures": int(data.get("num_failures") or 0),
            "file": Path(info.get("node_path") or info["node_name"]).stem,
        }
        if self._task is not None and info.get("resource_type") != "operation":
            self._done += 1
            # The first line counts no unit tests; a node's own line counts all there are.
            counted = data.get("total") or data.get("num_models") or 0
            self._total = max(self._total, self._done, counted)
            bars.update(self._task, advance=1, total=self._total)
            self._note(data)

    def _note(self, data: dict) -> None:
        """A line now and then, where there is no terminal for a bar."""
        now = time.monotonic()
        if not self.shown or sys.stderr.isatty() or now - self._noted < _NOTE_SECONDS:
            return
        self._noted = now
        elapsed = now - self._started
        # Parsing the project is no measure of how long a model takes.
        left = (now - self._building_since) / self._done * max(self._total - self._done, 0)
        console.note(
            f"{self.title}: {self._done} of {self._total}, {data['node_info']['node_name']}, "
            f"{elapsed:.0f} s, about {left:.0f} s left"
        )


def _node_id(data: dict) -> str | None:
    info = data.get("node_info") or {}
    return info.get("unique_id") or data.get("node_name")
