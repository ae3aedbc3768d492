"""What ``dbt_project.yml`` says."""

from functools import lru_cache
from pathlib import Path

from synth import inputs, settings
from synth.errors import BadInput

_TEXTS = ("name", "packages-install-path")


@lru_cache(maxsize=4)
def _project(path: Path) -> dict:
    found = inputs.load_yaml(path, "project")
    if not isinstance(found, dict):
        raise _unlike(path, "it", "a mapping of keys to values")
    for key, value in found.items():
        if key in _TEXTS and not _is_text(value):
            raise _unlike(path, key, "a text")
        is_list = isinstance(value, list) and all(map(_is_text, value))
        if str(key).endswith("-paths") and value is not None and not is_list:
            raise _unlike(path, key, "a list of texts")
    variables = found.get("vars") or {}
    for part in (variables, isinstance(variables, dict) and variables.get(found.get("name"))):
        if part and not isinstance(part, dict):
            raise _unlike(
                path, "vars", "a mapping of names to values, also below the project's name"
            )
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _unlike(path: Path, key: str, expected: str) -> BadInput:
    return BadInput(
        f"project {path}: {key} is not {expected}",
        hint="compare it with the dbt_project.yml that came with Prodshape",
    )


def setting(name: str) -> object:
    """A top-level entry of ``dbt_project.yml``, or None.

    Raises
    ------
    BadInput
        The file is no project, or an entry that is read here has another type.
    """
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
