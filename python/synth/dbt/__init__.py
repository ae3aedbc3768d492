"""Run dbt as a subprocess that neither the caller's environment nor earlier files can steer.

The child gets an allow-list of variables (`environment`), every flag on its command line
(`runner`) and a temporary directory of its own; its events are read as JSON (`events`), and
`gates` holds what it did against what the project expects.
"""

from synth.dbt.events import NodeResult
from synth.dbt.gates import Gates, reading
from synth.dbt.project import setting, variable
from synth.dbt.refusals import is_missing, require_success
from synth.dbt.runner import DbtRun, build, compiled

__all__ = [
    "DbtRun",
    "Gates",
    "NodeResult",
    "build",
    "compiled",
    "is_missing",
    "reading",
    "require_success",
    "setting",
    "variable",
]
