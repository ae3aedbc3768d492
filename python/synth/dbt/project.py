"""What ``dbt_project.yml`` says."""

from functools import lru_cache
from pathlib import Path

from synth import inputs, settings


@lru_cache(maxsize=4)
def _project(path: Path) -> dict:
    return inputs.load_yaml(path, "project")


def setting(name: str) -> object:
    """A top-level entry of ``dbt_project.yml``, or None."""
    return _project(settings.project_dir() / "dbt_project.yml").get(name)


def variable(name: str, target: str | None = None) -> object:
    """Default of a dbt var, as ``dbt_project.yml`` has it.

    Parameters
    ----------
    name : str
    target : str, optional
        Picks the entry of a var that has one for each target.

    Returns
    -------
    object
        None where there is no such var.
    """
    found = setting("vars") or {}
    value = {**found, **(found.get(setting("name")) or {})}.get(name)
    return value.get(target) if target and isinstance(value, dict) else value
