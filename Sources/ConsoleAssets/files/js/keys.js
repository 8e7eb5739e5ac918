// The keyboard: everything that the pointer can do.

import { find } from "./dom.js";
import { openKeys, openPalette } from "./palette.js";
import { go } from "./router.js";
import { changed } from "./store.js";

const places = { f: "/", a: "/applications", t: "/tenants", c: "/clusters", p: "/plans" };
let waitsForPlace = 0;

export function start() {
  document.addEventListener("keydown",
    (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
      if (performance.now() - waitsForPlace < 1_200 && places[event.key]) {
        waitsForPlace = 0;
        event.preventDefault();
        go(places[event.key]);
        return;
      }
      switch (event.key) {
        case "/":
          event.preventDefault();
          (find("[data-find]") ?? { focus: openPalette }).focus();
          break;
        case "?": openKeys(); break;
        case "g": waitsForPlace = performance.now(); break;
        case "j": case "ArrowDown": move(event, 1); break;
        case "k": case "ArrowUp": move(event, -1); break;
        case "Escape": find("[data-escape]")?.click(); break;
      }
    },
  );
}

/** Moves between the entries of the list that has the focus, or into the first one. */
function move(event, step) {
  const within = document.activeElement?.closest("[data-rows]") ?? document.querySelector("[data-rows]");
  if (!within) return;
  /** @type {NodeListOf<HTMLElement>} */
  const found = within.querySelectorAll("[data-row]");
  const rows = [...found];
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row === document.activeElement);
  if (at < 0 && event.key.startsWith("Arrow") && document.activeElement !== document.body && !within.contains(document.activeElement)) return;
  event.preventDefault();
  const to = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
  to.focus();
  to.scrollIntoView({ block: "nearest" });
}

const isTyping = (el) => el.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(el.tagName);

export function toggleTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  try {
    localStorage.setItem("varde.theme", root.dataset.theme);
  } catch {
    // Without storage it lasts until the page is closed.
  }
  changed();
}
