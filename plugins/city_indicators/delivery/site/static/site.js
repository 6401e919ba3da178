// The search over cities and indicators, and the address of a chart that is copied.
const LISTED = 12;
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const search = document.querySelector("[role=search]");
if (search) {
  const language = document.documentElement.lang;
  const entries = window.siteIndex.map(({ path, names }) => ({
    path,
    name: names[language],
    text: Object.values(names).map(plain).join("\n"),
  }));
  const field = search.querySelector("input");
  const list = search.querySelector("ul");
  const found = () => {
    const wanted = plain(field.value.trim());
    return wanted ? entries.filter(({ text }) => text.includes(wanted)).slice(0, LISTED) : [];
  };
  const show = () => list.replaceChildren(...found().map(({ path, name }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = search.dataset.home + path;
    link.textContent = name;
    item.append(link);
    return item;
  }));
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector("a")?.click();
    if (event.key === "Escape") list.replaceChildren();
  });
  search.hidden = false;
}

// The address in the HTML to copy is that from which the reader has the chart.
const copied = document.querySelector("[data-copied]");
if (copied) {
  const code = copied.querySelector("code");
  const here = window.location.href.replace(/[?#].*/, "");
  code.textContent = code.textContent.replace(/src="[^"]*"/, `src="${here}"`);
  // Within another page nobody copies it.
  copied.hidden = window.top !== window;
}
