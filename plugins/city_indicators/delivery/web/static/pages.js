// Small conveniences of the pages; each page can be read without them.
const root = document.documentElement;

// The theme is that which the reader chose in Airflow's UI.
function followTheme() {
  const chosen = localStorage.getItem("theme");
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  else delete root.dataset.theme;
}
followTheme();
window.addEventListener("storage", followTheme);

// A choice submits its form.
for (const field of document.querySelectorAll("[data-submits]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;

// Airflow's own pages open in its window, other sites in a new one, and neither within the frame of these pages.
for (const link of document.querySelectorAll("a[data-airflow], a[rel=external]")) {
  link.addEventListener("click", (event) => {
    if (window.parent === window) return;
    event.preventDefault();
    const outer = window.parent.document.createElement("a");
    outer.href = link.href;
    outer.target = link.rel === "external" ? "other" : "";
    outer.rel = "noreferrer";
    window.parent.document.body.append(outer);
    outer.click();
    outer.remove();
  });
}

// Columns of a table are sorted by a click on their heading.
for (const table of document.querySelectorAll("table[data-sorted]")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
      const order = (one, other) => {
        const [a, b] = [key(one), key(other)];
        if (a === "" || b === "") return (a === "") - (b === "");
        const difference = isNaN(a) || isNaN(b) ? a.localeCompare(b, root.lang) : a - b;
        return down ? -difference : difference;
      };
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort(order));
    });
  });
}

// Who uses the keyboard scrolls wide tables too.
for (const wide of document.querySelectorAll(".wide")) {
  if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
}

// Charts are drawn for one of a few widths.
const WIDTHS = [320, 640, 960];
async function specification(chart, wide) {
  const held = chart.querySelector("script[type='application/json']");
  if (held) {
    const { datasets, ...of } = JSON.parse(held.textContent);
    const drawn = Math.max(...Object.keys(of).filter((width) => width <= wide));
    return { ...of[drawn], datasets };
  }
  const answer = await fetch(`${chart.dataset.chart}&width=${wide}`);
  if (!answer.ok) throw new Error(`${answer.status} ${chart.dataset.chart}`);
  return answer.json();
}
async function draw(chart) {
  const wide = Math.max(WIDTHS[0], ...WIDTHS.filter((width) => width <= chart.clientWidth));
  const place = chart.querySelector("[role=img]");
  await window.vegaEmbed(place, await specification(chart, wide), {
    ast: true,
    actions: false,
    renderer: "svg",
    loader: { target: "_self", baseURL: chart.dataset.root },
  });
  // A chart is one picture with a label; its table says the rest to a screen reader.
  place.querySelector("svg").setAttribute("aria-hidden", "true");
  chart.dataset.drawn = place.querySelectorAll("svg .mark-symbol > *, svg .mark-rect > *, svg .mark-line > *").length;
}
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    draw(target).catch((error) => {
      target.dataset.failed = error.message;
      target.querySelector("[role=img]").textContent = target.dataset.otherwise;
    });
  }
}, { rootMargin: "400px" });
for (const chart of document.querySelectorAll("[data-chart]")) seen.observe(chart);
