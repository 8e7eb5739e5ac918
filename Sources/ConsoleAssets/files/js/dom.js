// A small virtual DOM: views say what there should be, and only what differs is touched. Text is always text.

const SVG = "http://www.w3.org/2000/svg";
const svgTags = new Set(["svg", "path", "circle", "line", "rect", "g", "polyline", "polygon"]);

/**
 * One element, as `h("a.chip.is-bad", { href, onclick }, "text", child)`.
 * `key` keeps identity among siblings; `hook` has `mount(el)`, `update(el)`, `unmount(el)`; `style` is an object.
 * A vnode object that is given again is left alone: cache vnodes of values that did not change.
 */
export function h(selector, props, ...children) {
  const [type, ...classes] = selector.split(".");
  const all = { ...props };
  if (classes.length) all.class = all.class ? `${classes.join(" ")} ${all.class}` : classes.join(" ");
  const { key = null, hook = null, ...rest } = all;
  return { type: type || "div", key, hook, props: rest, children: flatten(children), el: null };
}

/** Keeps rendering into an element. */
export function surface(root) {
  let shown = [];
  return (...children) => {
    shown = reconcile(root, shown, flatten(children));
  };
}

/** Joins class names, leaving out what is falsy. */
export const classes = (...names) => names.filter(Boolean).join(" ");

function flatten(children, into = []) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === true) continue;
    if (Array.isArray(child)) flatten(child, into);
    else if (typeof child === "object") into.push(child);
    else into.push({ type: "#text", key: null, text: String(child), el: null });
  }
  return into;
}

function slot(vnode) {
  return vnode.key === null ? vnode.type : `${vnode.type}\u0000${vnode.key}`;
}

function reconcile(parent, old, next) {
  const pool = new Map();
  for (const vnode of old) {
    const name = slot(vnode);
    const waiting = pool.get(name);
    if (waiting) waiting.push(vnode);
    else pool.set(name, [vnode]);
  }
  const reused = new Set();
  const cursors = new Map();
  for (const vnode of next) {
    const name = slot(vnode);
    const at = cursors.get(name) ?? 0;
    const before = pool.get(name)?.[at];
    cursors.set(name, at + 1);
    if (before) {
      reused.add(before);
      if (before !== vnode) patch(before, vnode);
    } else {
      create(vnode);
    }
  }
  for (const vnode of old) if (!reused.has(vnode)) remove(vnode);
  let place = parent.firstChild;
  for (const vnode of next) {
    if (vnode.el === place) place = place.nextSibling;
    else parent.insertBefore(vnode.el, place);
  }
  return next;
}

function create(vnode) {
  if (vnode.type === "#text") {
    vnode.el = document.createTextNode(vnode.text);
    return;
  }
  const el = svgTags.has(vnode.type) ? document.createElementNS(SVG, vnode.type) : document.createElement(vnode.type);
  vnode.el = el;
  for (const child of vnode.children) {
    create(child);
    el.append(child.el);
  }
  // After the children: a select's value is one of its options.
  for (const [name, value] of Object.entries(vnode.props)) setProp(el, name, value, undefined);
  if (vnode.hook?.mount) queueMicrotask(() => el.isConnected && vnode.hook.mount(el));
}

function patch(before, vnode) {
  const el = before.el;
  vnode.el = el;
  if (vnode.type === "#text") {
    if (el.data !== vnode.text) el.data = vnode.text;
    return;
  }
  reconcile(el, before.children, vnode.children);
  for (const name of Object.keys(before.props)) {
    if (!(name in vnode.props)) setProp(el, name, undefined, before.props[name]);
  }
  for (const [name, value] of Object.entries(vnode.props)) {
    const was = before.props[name];
    if (value !== was || name === "value" || name === "checked") setProp(el, name, value, was);
  }
  vnode.hook?.update?.(el);
}

function remove(vnode) {
  release(vnode);
  vnode.el.remove();
}

function release(vnode) {
  vnode.hook?.unmount?.(vnode.el);
  for (const child of vnode.children ?? []) release(child);
}

function setProp(el, name, value, was) {
  if (name.startsWith("on")) {
    const type = name.slice(2);
    el.$listeners ??= {};
    if (!(type in el.$listeners)) el.addEventListener(type, (event) => el.$listeners[type]?.(event));
    el.$listeners[type] = value;
  } else if (name === "style") {
    for (const property of Object.keys(was ?? {})) if (!(property in (value ?? {}))) el.style.removeProperty(property);
    for (const [property, text] of Object.entries(value ?? {})) el.style.setProperty(property, text);
  } else if (name === "value" || name === "checked") {
    if (el[name] !== value) el[name] = value ?? "";
  } else if (value === null || value === undefined || value === false) {
    el.removeAttribute(name);
  } else {
    el.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * The first element that a selector finds.
 * @type {(selector: string) => HTMLElement | null}
 */
export const find = (selector) => document.querySelector(selector);
