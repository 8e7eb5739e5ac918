// A long list in a page that scrolls: only rows near the window exist, and scrolling renders them alone, not the page.

import { h, surface } from "./dom.js";

const BEYOND = 14;
const STEP = 8;

/** `row` is the height of a row in pixels, or a function that answers it. */
export function windowed({ row }) {
  let element = null, paint = null, first = -1, last = -1, top = 0, isScheduled = false;
  let items = [], toRow = null, inner = {};
  const height = () => (typeof row === "function" ? row() : row);

  const measure = () => { top = element ? element.getBoundingClientRect().top + scrollY : 0; };

  function show(isNew) {
    if (!element) return;
    const size = height();
    const from = Math.max(0, Math.floor((scrollY - top) / size / STEP) * STEP - BEYOND);
    const to = Math.min(items.length, Math.ceil((scrollY + innerHeight - top) / size / STEP) * STEP + BEYOND);
    if (!isNew && from === first && to === last) return;
    first = from;
    last = to;
    paint(h("div.windowed-rows", { ...inner, style: { transform: `translateY(${from * size}px)` } },
      items.slice(from, Math.max(from, to)).map(toRow),
    ));
  }

  const look = () => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => { isScheduled = false; show(false); });
  };
  const resize = () => { measure(); show(true); };

  return {
    /** `props` are of the frame; its `inner` ones of what holds the rows. */
    render(all, makeRow, props = {}) {
      const { inner: within, ...outer } = props;
      items = all;
      toRow = makeRow;
      inner = within ?? {};
      const hook = {
        mount(el) {
          element = el;
          paint = surface(el);
          addEventListener("scroll", look, { passive: true });
          addEventListener("resize", resize);
          resize();
        },
        // After this render the list may have moved: what is above it may have grown.
        update() { queueMicrotask(resize); },
        unmount() {
          element = null;
          removeEventListener("scroll", look);
          removeEventListener("resize", resize);
        },
      };
      return h("div.windowed", { ...outer, hook, style: { height: `${all.length * height()}px` } });
    },
  };
}
