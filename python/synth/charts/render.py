"""Vega-Lite specifications to SVG, at writing time: the page needs no script to show a chart."""

import re
from itertools import count

from markupsafe import Markup, escape

# Vega numbers clip paths from 0 in every chart; in one page each needs its own.
_IDENTIFIER = re.compile(r'(?<=id=")(clip|gradient|pattern)[_\d]+(?=")|(?<=url\(#)[\w]+(?=\))')
_ROOT = re.compile(r"<svg [^>]*viewBox=\"([^\"]+)\"[^>]*>")
# Groups of groups say nothing to a screen reader and weigh a third of the file.
_NOISE = re.compile(
    r' (?:aria-hidden="true"|pointer-events="none"|class="[^"]*"|aria-roledescription='
    r'"(?:group mark container|axis|legend|title|[^"]*mark[^"]*)"|role="graphics-object")'
)
_THEME = {
    "background": None,
    "font": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--rule)",
        "gridColor": "var(--grid)",
        "tickColor": "var(--rule)",
        "labelColor": "var(--soft)",
        "labelFontSize": 12,
        "labelPadding": 5,
        "tickSize": 4,
        "titleColor": "var(--soft)",
        "titleFontSize": 11.5,
        "titleFontWeight": "normal",
    },
    "axisY": {"domain": False, "ticks": False},
}


def svgs(figure, numbers=None):
    """Draw a figure.

    Parameters
    ----------
    figure : synth.charts.series.Figure
    numbers : iterator of int, optional
        Keeps identifiers of several figures in one page apart.

    Returns
    -------
    list of markupsafe.Markup
        One ``<svg>`` for each specification of the figure.
    """
    # Not at import time: the renderer brings an engine of its own, and most commands draw nothing.
    import vl_convert

    numbers = count() if numbers is None else numbers
    drawn = []
    for place, spec in enumerate(figure.specs):
        text = vl_convert.vegalite_to_svg(
            {**spec, "config": _THEME}, vl_version="5.21", allowed_base_urls=[]
        )
        part = f", part {place + 1}" if len(figure.specs) > 1 else ""
        drawn.append(_own(text, f"{figure.alt}{part}", next(numbers)))
    return drawn


def _own(text, alt, number):
    text = _IDENTIFIER.sub(lambda found: f"{found.group()}-{number}", text)
    text = _NOISE.sub("", text)
    # Its size is the page's business; keyboard users enter it to walk the values.
    root = (
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="{box}" role="group" '
        'aria-roledescription="chart" aria-label="{alt}" tabindex="0">'
    )
    box = _ROOT.search(text).group(1)
    drawn = _ROOT.sub(lambda _: root.format(box=box, alt=escape(alt)), text, count=1)
    # The renderer escaped every label it wrote.
    return Markup(drawn)  # noqa: S704
