"""The report in a browser: quiet, quick, drawn, readable on a phone, in the dark and on paper."""

import browser
import pytest
import report_case

from synth.report import compare, single

pytestmark = pytest.mark.skipif(
    browser.find() is None, reason="no Chromium on the PATH (Debian: apt-get install chromium)"
)

_CHARTS = "document.querySelectorAll('svg.chart').length"
# Every chart has a size on the screen and something in it that is drawn.
_DRAWN = """
[...document.querySelectorAll('svg.chart')].filter((chart) => {
  const box = chart.getBoundingClientRect();
  return box.width > 200 && box.height > 25 && chart.querySelectorAll('path').length > 3;
}).length
"""
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALLEST = """
Math.min(...[...document.querySelectorAll('svg.chart text')]
  .filter((text) => text.textContent.trim())
  .map((text) => text.getBoundingClientRect().height))
"""
# Contrast of all text against the page, as WCAG computes it.
_CONTRAST = """
(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (colour) => parts(colour)
    .map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, place) => sum + c * [0.2126, 0.7152, 0.0722][place], 0);
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const back = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const said = (element) => [...element.childNodes]
    .some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  const shown = [...document.querySelectorAll('body *')]
    .filter((element) => said(element) && element.getClientRects().length)
    .filter((element) => !element.closest('script, style, .hidden, #readout'));
  const colour = (element) => {
    const style = getComputedStyle(element);
    return element.namespaceURI.endsWith('svg') ? style.fill : style.color;
  };
  let [worst, where] = [99, ''];
  for (const element of shown) {
    const found = ratio(light(colour(element)), light(back(element)));
    if (found < worst) [worst, where] = [found, element.outerHTML.slice(0, 80)];
  }
  return [worst, where, shown.length];
})()
"""
# Nothing is wider than its place: figures in their cards, words in their cells.
_CUT = """
[...document.querySelectorAll('figure, .verdict, .tiles > div, .brief dd, .trust')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Files of a report and of a comparison, and a browser."""
    folder = tmp_path_factory.mktemp("pages")
    one = report_case.validation()
    (folder / "report.html").write_text(single.write_page(one), encoding="utf-8")
    other = report_case.validation(name="b", cells=report_case.cells(seed=4))
    (folder / "compare.html").write_text(compare.write_page(one, other), encoding="utf-8")
    (folder / "none.html").write_text(
        single.write_page(report_case.validation(cells=[], run=None, manifest=None)),
        encoding="utf-8",
    )
    with browser.running(folder / "profile") as running:
        yield folder, running


@pytest.mark.parametrize("name", ["report.html", "compare.html"])
@pytest.mark.parametrize("width", [360, 390, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_quiet_drawn_and_fits(pages, name, width, dark):
    folder, tab = pages
    tab.open(folder / name, width=width, dark=dark)
    seconds = tab.work()
    assert tab.complaints == []
    assert tab.requests == [(folder / name).resolve().as_uri()]
    assert 0 < seconds < 2, "opens in under two seconds of a processor"
    assert tab.evaluate(_CHARTS) == tab.evaluate(_DRAWN) > 25
    assert tab.evaluate(_OVERFLOW) <= 0, "no scrolling sideways"
    assert tab.evaluate(_SMALLEST) >= 9, "labels of charts can be read"
    assert tab.evaluate(_CUT) == []
    ratio, where, n_texts = tab.evaluate(_CONTRAST)
    assert ratio >= 4.5, where
    assert n_texts > 500


def test_keys_walk_the_values_of_a_chart(pages):
    folder, tab = pages
    tab.open(folder / "report.html")
    tab.evaluate("document.querySelector('svg.chart').focus({preventScroll: true})")
    readout = "document.getElementById('readout')"
    assert tab.evaluate(f"{readout}.hidden")
    tab.press("ArrowRight")
    first = tab.evaluate(f"{readout}.textContent")
    assert "pack" in first and "synthetic" in first
    # Scrolling, which a move of the focus itself may cause, does not lose the place.
    tab.evaluate("document.dispatchEvent(new Event('scroll'))")
    tab.press("ArrowRight")
    assert tab.evaluate(f"{readout}.textContent") != first
    tab.press("Home")
    assert tab.evaluate(f"{readout}.textContent") == first
    assert not tab.evaluate(f"{readout}.hidden")
    tab.press("Escape")
    assert tab.evaluate(f"{readout}.hidden")
    assert tab.complaints == []


def test_the_first_tab_stop_skips_to_the_content(pages):
    folder, tab = pages
    tab.open(folder / "report.html")
    tab.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main"


_ROWS = """
[...document.querySelectorAll('tr[data-verdict]')].filter((row) => row.getClientRects().length)
  .map((row) => row.querySelector('th').firstChild.textContent)
"""


def test_the_checks_are_filtered_and_searched_with_keys(pages):
    folder, tab = pages
    tab.open(folder / "report.html")
    assert len(tab.evaluate(_ROWS)) == 6
    tab.evaluate("document.querySelector('#show-PASS').focus()")
    tab.type(" ")
    assert len(tab.evaluate(_ROWS)) == 4
    assert tab.evaluate("document.querySelector('#filter output').textContent") == "4 of 6 checks"
    tab.evaluate("document.activeElement.blur()")
    tab.type("/")
    assert tab.evaluate("document.activeElement.type") == "search"
    for letter in "type":
        tab.type(letter)
    assert tab.evaluate(_ROWS) == ["message types"]
    tab.press("Escape")
    assert len(tab.evaluate(_ROWS)) == 4
    assert tab.complaints == []


def test_checks_lead_to_charts_and_back(pages):
    folder, tab = pages
    tab.open(folder / "report.html")
    # Away with all checks: a link to one of them shows it again.
    tab.evaluate(
        "document.querySelectorAll('#filter input[type=checkbox]').forEach(b => b.click())"
    )
    assert tab.evaluate(_ROWS) == []
    tab.evaluate("document.querySelector('#chart-messages-inter-arrival a.badge').click()")
    tab.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert "inter arrival" in tab.evaluate(_ROWS)
    assert "inter arrival" in tab.evaluate("document.querySelector(':target').textContent")
    tab.evaluate("document.querySelector(':target th a').click()")
    assert tab.evaluate("location.hash") == "#chart-messages-inter-arrival"
    assert tab.evaluate("document.querySelector(':target').tagName") == "FIGURE"


def test_without_scripts_the_page_is_whole(pages):
    folder, tab = pages
    tab.open(folder / "report.html", scripts=False)
    # Evaluating is our own doing and works; the page's script did not run.
    assert tab.evaluate("document.querySelector('#filter .search').hidden")
    assert tab.evaluate(_CHARTS) == tab.evaluate(_DRAWN) > 25
    # Hiding verdicts takes no script.
    tab.evaluate("document.querySelector('#show-SKIP').checked = false")
    assert len(tab.evaluate(_ROWS)) == 5
    assert tab.complaints == []


def test_every_chart_has_words_and_a_table(pages):
    folder, tab = pages
    tab.open(folder / "report.html")
    poor = """
    [...document.querySelectorAll('figure')].filter((figure) =>
      [...figure.querySelectorAll('svg.chart')]
        .some((chart) => (chart.getAttribute('aria-label') || '').length < 20)
      || figure.querySelectorAll('details tbody tr').length < 1)
      .map((figure) => figure.querySelector('h3').textContent)
    """
    assert tab.evaluate(poor) == []


def test_a_page_about_nothing_is_still_quiet(pages):
    folder, tab = pages
    tab.open(folder / "none.html", width=360)
    assert tab.complaints == []
    assert tab.evaluate(_OVERFLOW) <= 0
    assert tab.evaluate(_CHARTS) == 0


def test_it_prints(pages):
    folder, tab = pages
    # The width of A4 between its margins.
    tab.open(folder / "report.html", width=718, dark=True, print_media=True)
    assert tab.evaluate(_OVERFLOW) <= 0, "nothing is cut off"
    # A4 is 1,047 pixels high between its margins: a chart that is not broken fits a page.
    torn = """
    [...document.querySelectorAll('figure')].filter((figure) =>
      getComputedStyle(figure).breakInside !== 'avoid'
      || figure.getBoundingClientRect().height > 1000).length
    """
    assert tab.evaluate(torn) == 0
    assert tab.evaluate(_CUT) == []
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate("getComputedStyle(document.querySelector('.contents')).display") == "none"
    assert tab.pdf().startswith(b"%PDF")


def test_the_screenshot_is_not_empty(pages):
    folder, tab = pages
    tab.open(folder / "report.html")
    assert len(tab.screenshot()) > 100_000


def test_a_complaint_would_be_heard(pages, tmp_path):
    _, tab = pages
    broken = tmp_path / "broken.html"
    broken.write_text("<script>throw new Error('x')</script><img src='https://nowhere.invalid/a'>")
    tab.open(broken)
    assert tab.complaints
    assert len(tab.requests) == 2
