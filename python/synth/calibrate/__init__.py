"""From a pack to a spec: what was published is fitted, what is missing comes from the default."""

from synth.calibrate.run import Calibration, calibrate

__all__ = ["Calibration", "calibrate"]
