"""What a run did to what was asked, in words: for the end of a run and for `synth status`."""

from synth import settings


def lines(record):
    """Sentences about what a user should know of a run.

    Parameters
    ----------
    record : dict
        ``cut_conversations``, ``people`` and ``spilled_bytes``, as `synth.generate.run.execute`
        gives them; a record of an earlier version or of an unfinished run may lack them.

    Returns
    -------
    list of str
    """
    found = []
    if n_cut := record.get("cut_conversations"):
        has = "conversation has" if n_cut == 1 else "conversations have"
        found.append(
            f"{n_cut:,} {has} fewer members than drawn: all {record['people']:,} users who take "
            f"part are in {'it' if n_cut == 1 else 'them'}"
        )
    if spilled := record.get("spilled_bytes"):
        stages = ", ".join(f"{stage} {_megabytes(n)}" for stage, n in spilled.items())
        found.append(
            f"{_megabytes(sum(spilled.values()))} of temporary files were written in this database "
            f"meanwhile: {stages}"
        )
    return found


def resume_command(run_id, target):
    """Command that goes on with a run.

    Parameters
    ----------
    run_id : str
    target : str
        Name of the target it is on.

    Returns
    -------
    str
    """
    where = "" if target == settings.DEV_TARGET else f" --target {target}"
    return f"synth generate --resume {run_id}{where}"


def _megabytes(n_bytes):
    return f"{n_bytes / 1e6:,.1f} MB"
