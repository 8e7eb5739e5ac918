// Addresses: the path says which page, the query says what of it. Going there is a link like any other.

import { changed } from "./store.js";

export const place = { path: location.pathname, query: new URLSearchParams(location.search) };

const scrolls = new Map();
let current = 0;

export function start() {
  history.scrollRestoration = "manual";
  current = history.state?.at ?? 0;
  history.replaceState({ at: current }, "");
  addEventListener("popstate", (event) => {
    scrolls.set(current, scrollY);
    current = event.state?.at ?? 0;
    read();
    const to = scrolls.get(current) ?? 0;
    requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, to)));
  });
  document.addEventListener("click",
    (event) => {
      /** @type {HTMLAnchorElement | null} */
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!link || event.defaultPrevented || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target || link.hasAttribute("download")) return;
      if (link.origin !== location.origin || link.getAttribute("href")?.startsWith("#")) return;
      event.preventDefault();
      go(link.pathname + link.search);
    },
  );
}

/** Opens an address; another page starts at its top. */
export function go(address) {
  const isOther = new URL(address, location.href).pathname !== place.path;
  scrolls.set(current, scrollY);
  current += 1;
  history.pushState({ at: current }, "", address);
  read();
  if (isOther) {
    requestAnimationFrame(() => {
      scrollTo(0, 0);
      document.getElementById("content")?.focus({ preventScroll: true });
    });
  }
}

/** The address of this page with some parts of its query changed; null removes one. */
export function here(changes) {
  const query = new URLSearchParams(place.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return place.path + (text ? `?${text}` : "");
}

/** Changes the query without a new entry in the history: for what is typed. */
export function amend(changes) {
  history.replaceState({ at: current }, "", here(changes));
  read();
}

export const link = {
  fleet: "/",
  applications: (query = {}) => {
    const text = new URLSearchParams(query).toString();
    return `/applications${text ? `?${text}` : ""}`;
  },
  application: (id) => `/applications/${id.split("/").map(encodeURIComponent).join("/")}`,
  tenant: (name) => `/tenants/${encodeURIComponent(name)}`,
  cluster: (name) => `/clusters/${encodeURIComponent(name)}`,
  plan: (id) => `/plans/${encodeURIComponent(id)}`,
  commit: (commit) => `/commits/${encodeURIComponent(commit)}`,
};

function read() {
  place.path = location.pathname;
  place.query = new URLSearchParams(location.search);
  changed();
}
