"""What a run says of itself at its end."""

from synth.generate import disk, plan, told
from synth.generate.options import Options
from synth.spec import model


def test_the_command_to_go_on_names_a_target_that_is_not_the_default():
    assert told.resume_command("a-run", "dev_synth") == "synth generate --resume a-run"
    assert (
        told.resume_command("a-run", "staging") == "synth generate --resume a-run --target staging"
    )


def test_sorts_are_on_disk_only_where_memory_is_too_small():
    spec = model.load_default()
    asked = (spec, plan.build(spec, 2_000_000, 1), Options(), 2)
    assert disk.estimate(*asked, sort_memory_mb=64).bytes["sorts"] == 0
    assert disk.estimate(*asked, sort_memory_mb=32).bytes["sorts"] > 2_000_000 * 2 * 20
