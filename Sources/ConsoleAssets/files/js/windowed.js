// A long list in a page that scrolls: only rows near the window exist.

import { h } from "./dom.js";
import { changed } from "./store.js";

const BEYOND = 8;

/**
 * `render` takes props for the frame, and `inner` ones for what holds the rows. `row` is the height of a row in pixels, or a function that answers it. `scroller` is what scrolls; the page if none is given.
 */
export function windowed({ row }) {
  let element = null;
  let first = 0;
  let last = 40;
  const height = () => (typeof row === "function" ? row() : row);

  const look = () => {
    if (!element) return;
    const box = element.getBoundingClientRect();
    const size = height();
    const from = Math.max(0, Math.floor(-box.top / size) - BEYOND);
    const to = Math.ceil((innerHeight - box.top) / size) + BEYOND;
    if (from === first && to === last) return;
    first = from;
    last = to;
    changed();
  };

  const hook = {
    mount: (el) => {
      element = el;
      addEventListener("scroll", look, { passive: true });
      addEventListener("resize", look);
      look();
    },
    update: (el) => {
      if (element !== el) element = el;
      look();
    },
    unmount: () => {
      element = null;
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    },
  };

  return {
    render(items, toRow, props = {}) {
      const size = height();
      const from = Math.min(first, Math.max(0, items.length - 1));
      const to = Math.min(items.length, Math.max(last, from + 1));
      const { inner, ...outer } = props;
      return h("div.windowed", { ...outer, hook, style: { height: `${items.length * size}px` } },
        h("div.windowed-rows", { ...inner, style: { transform: `translateY(${from * size}px)` } },
          items.slice(from, to).map(toRow),
        ),
      );
    },
  };
}
