"use strict";
// Nothing here is needed to read the page: it adds a read-out under the pointer, arrow keys
// inside a chart and a search over the checks. The boxes that hide verdicts work without it.
(() => {
  const readout = document.getElementById("readout");
  const marks = (chart) => [...chart.querySelectorAll('[aria-roledescription="value"]')];
  let lit = null;
  // Where the keyboard stands; scrolling hides the read-out but does not lose the place.
  let place = null;

  const hide = () => {
    readout.hidden = true;
    if (lit) lit.classList.remove("lit");
    lit = null;
  };

  const show = (mark) => {
    if (lit) lit.classList.remove("lit");
    lit = place = mark;
    mark.classList.add("lit");
    readout.textContent = mark.getAttribute("aria-label");
    readout.hidden = false;
    const at = mark.getBoundingClientRect();
    const box = readout.getBoundingClientRect();
    const room = document.documentElement.clientWidth - box.width - 8;
    const left = Math.max(8, Math.min(at.left + at.width / 2 - box.width / 2, room));
    const above = at.top - box.height - 8;
    // Through the object model: the policy of this page forbids style attributes.
    readout.style.left = left + "px";
    readout.style.top = (above > 8 ? above : at.bottom + 8) + "px";
  };

  for (const chart of document.querySelectorAll("svg.chart")) {
    chart.addEventListener("pointerover", (event) => {
      const mark = event.target.closest('[aria-roledescription="value"]');
      if (mark) show(mark);
    });
    chart.addEventListener("pointerleave", hide);
    chart.addEventListener("blur", () => {
      hide();
      place = null;
    });
    chart.addEventListener("keydown", (event) => {
      const all = marks(chart);
      if (!all.length) return;
      const at = all.indexOf(place);
      const moves = {
        ArrowRight: at + 1,
        ArrowDown: at + 1,
        ArrowLeft: at < 0 ? all.length - 1 : at - 1,
        ArrowUp: at < 0 ? all.length - 1 : at - 1,
        Home: 0,
        End: all.length - 1,
      };
      if (event.key === "Escape") return hide();
      if (!(event.key in moves)) return;
      event.preventDefault();
      show(all[Math.max(0, Math.min(moves[event.key], all.length - 1))]);
    });
  }
  document.addEventListener("scroll", hide, { passive: true });

  const filter = document.getElementById("filter");
  if (filter) {
    const rows = [...document.querySelectorAll("[data-verdict]")];
    const boxes = [...filter.querySelectorAll("input[type=checkbox]")];
    const search = filter.querySelector("input[type=search]");
    const count = filter.querySelector("output");
    const apply = () => {
      const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      const words = search.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.has(row.dataset.verdict) || !text.includes(words);
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = shown + " of " + rows.length + " checks";
    };
    search.closest("[hidden]").hidden = false;
    filter.addEventListener("input", apply);
    apply();
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.focus();
        search.select();
      }
      if (event.key === "Escape" && event.target === search) {
        search.value = "";
        apply();
      }
    });
    // A link to a row that is filtered away shows it again.
    window.addEventListener("hashchange", () => {
      const row = document.getElementById(location.hash.slice(1));
      if (!row || !row.hidden) return;
      search.value = "";
      for (const box of boxes) box.checked = true;
      apply();
      row.scrollIntoView();
    });
  }
})();
