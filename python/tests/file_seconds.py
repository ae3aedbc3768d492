"""Seconds by test file: shown at the end of a run, and kept so that the longest start first.

``seconds.json`` holds what a whole run took, by file; it only decides an order, so it may be old.
It is written anew by

    scripts/test --update-seconds
"""

import json
from collections import Counter
from pathlib import Path

import pytest

KEPT = Path(__file__).with_name("seconds.json")
_SHOWN = 20
_UNKNOWN = 5.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a whole run say what its files took."""
    parser.addoption(
        "--update-seconds", action="store_true", help=f"write {KEPT.name} anew from this run"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first, so that two workers end together."""
    known = json.loads(KEPT.read_text())
    items.sort(key=lambda item: (-known.get(item.path.stem, _UNKNOWN), item.path.stem))


def pytest_terminal_summary(terminalreporter: object, config: pytest.Config) -> None:
    """Show the files that took longest, setup and teardown included."""
    seconds = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[Path(report.location[0]).stem] += report.duration
    if config.getoption("--update-seconds"):
        kept = {name: round(value, 1) for name, value in sorted(seconds.items())}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    if len(seconds) > 1:
        terminalreporter.section(f"seconds by file, {sum(seconds.values()):.0f} together")
        for name, value in seconds.most_common(_SHOWN):
            terminalreporter.write_line(f"{value:7.1f}  {name}")
