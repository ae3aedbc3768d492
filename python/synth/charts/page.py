"""One self-contained document: styles and script inside, nothing fetched, charts drawn."""

import base64
import hashlib
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import jinja2
from markupsafe import Markup

from synth.charts import render

_ASSETS = Path(__file__).parent / "assets"
# By which a page is known as one of ours.
GENERATOR = '<meta name="generator" content="prodshape">'


@dataclass(frozen=True)
class Section:
    """A part of a page, with an entry in its contents.

    Attributes
    ----------
    title : str
    figures : tuple of synth.charts.series.Figure
    lead : str
        A sentence or two below the title.
    html : markupsafe.Markup
        Anything between lead and figures; a plain string is escaped.
    """

    title: str
    figures: tuple = ()
    lead: str = ""
    html: str = ""

    @property
    def anchor(self):
        """Target of the link in the contents."""
        words = "".join(c if c.isalnum() else " " for c in self.title.lower()).split()
        return "-".join(words) or "section"


def environment(*directories):
    """Templates of this package and of others, with everything escaped.

    Parameters
    ----------
    *directories : pathlib.Path

    Returns
    -------
    jinja2.Environment
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*directories, _ASSETS]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(*, title, sections, subtitle="", head="", footer="", tab="", on_chart=None):
    """Put sections into one document.

    Parameters
    ----------
    title : str
    sections : sequence of Section
    subtitle : str
    head : markupsafe.Markup
        Above the contents: a verdict, a summary.
    footer : str
    tab : str
        Title of the browser's tab; default `title`.
    on_chart : callable, optional
        Called after each figure, for progress.

    Returns
    -------
    str
        HTML.
    """
    numbers = count()

    def draw(figure):
        drawn = render.svgs(figure, numbers)
        if on_chart:
            on_chart()
        return drawn

    style, script = ((_ASSETS / name).read_text() for name in ("page.css", "page.js"))
    return environment().get_template("page.html").render(
        title=title,
        subtitle=subtitle,
        head=head,
        sections=sections,
        footer=footer,
        tab=tab or title,
        # Our own words, not anybody's input.
        generator=Markup(GENERATOR),  # noqa: S704
        svgs=draw,
        # Our own files, not anybody's input.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style_digest=_digest(style),
        script_digest=_digest(script),
    )  # fmt: skip


def _digest(text):
    """Source of a Content-Security-Policy: this very text may run, nothing else."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
