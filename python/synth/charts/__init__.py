"""Charts as static SVG inside one self-contained page: no script is needed to see them.

`figures` builds a chart from arrays, `render` draws it with Vega-Lite at writing time, `page`
puts sections of them into a document. Nothing here reads a database or a file of the user's.
"""

from synth.charts.figures import bars, ccdf, cdf, heat_maps, histogram, profile
from synth.charts.page import Section, page
from synth.charts.series import FIT, OTHER, PACK, SYNTHETIC, Bins, Curve, Figure

__all__ = [
    "FIT",
    "OTHER",
    "PACK",
    "SYNTHETIC",
    "Bins",
    "Curve",
    "Figure",
    "Section",
    "bars",
    "ccdf",
    "cdf",
    "heat_maps",
    "histogram",
    "page",
    "profile",
]
