// The objects of an application, as a graph from workloads to pods, or as a list.

import { classes, h, surface } from "../dom.js";
import { time } from "../format.js";
import { icon, kindIcon, stateIcon } from "../icons.js";
import { brief } from "../messages.js";
import { cutName, empty } from "../parts.js";
import { amend, here, place } from "../router.js";
import { changed, isFresh } from "../store.js";
import { t } from "../strings.js";
import { windowed } from "../windowed.js";
import { treeFor, unfold } from "./tree.js";

const GAP_X = 34, GAP_Y = 9, GROUP_Y = 22, PLAIN = 50, SAID = 86, FOLD = 34;
const NARROWEST = 172, WIDEST = 340;
const isNarrow = () => innerWidth < 900;
const list = windowed({ row: () => (innerWidth < 720 ? 54 : 40) });
const grid = windowed({ row: 60 });
let seen = { top: -1, bottom: -1 };
let graph = null;
let room = 0;

export function objectsView(detail) {
  if (detail.objects.size === 0) return detail.isLoading ? null : empty(t.app.noObjects);
  const text = place.query.get("find") ?? "";
  const onlyProblems = place.query.has("problems");
  const tree = treeFor(detail, { text, onlyProblems });
  const asList = place.query.get("as") === "list" || isNarrow();
  return [
    h("div.objects-tools", {},
      h("label.field.small", {},
        icon("search"),
        h("input",
          {
            type: "search", "data-find": true, value: text, placeholder: t.app.find, "aria-label": t.app.find,
            oninput: (event) => amend({ find: event.target.value }),
          },
        ),
      ),
      h("label.check", {},
        h("input",
          {
            type: "checkbox", checked: onlyProblems,
            onchange: (event) => amend({ problems: event.target.checked ? "1" : null }),
          },
        ),
        t.app.onlyProblems,
      ),
      h("span.grow"),
      isNarrow()
        ? null
        : h("div.switch", { role: "group" },
          h("a", { href: here({ as: "graph" }), "aria-current": asList ? null : "true" }, t.app.graph),
          h("a", { href: here({ as: "list" }), "aria-current": asList ? "true" : null }, t.app.list),
        ),
    ),
    tree.workloads.length + tree.others.length === 0
      ? empty(t.palette.none)
      : asList
      ? listView(tree)
      : [tree.workloads.length ? graphView(tree.workloads) : null,
        tree.others.length ? othersView(tree.others, tree.workloads.length === 0) : null,
      ],
  ];
}

/** @type {(id: string, view?: string | null) => string} */
export const objectLink = (id, view = null) => here({ object: id, view });

/** @type {any} */
let placed = { workloads: null, room: -1 };

/** Where every card of the graph is: each leaf has a row of its own, each owner is beside its first one, and what leads to it before it. */
function layout(workloads) {
  if (placed.workloads === workloads && placed.room === room) return placed;
  const depthOf = (node) => 1 + Math.max(0, ...node.children.map(depthOf));
  const lead = Math.max(0, ...workloads.map((root) => Math.max(0, ...(root.leaders ?? []).map((one) => one.level))));
  const levels = lead + Math.max(2, ...workloads.map(depthOf));
  const width = Math.round(Math.min(WIDEST,
    Math.max(NARROWEST, ((room || innerWidth - 460) - (levels - 1) * GAP_X) / levels),
  ));
  const nodes = [];
  const edges = [];
  const places = new Map();
  let y = 0;
  const put = (node, depth, top) => {
    const isQuiet = node.fold || !says(node.object) || isRepeating(node, depth - lead);
    const height = node.fold ? FOLD : isQuiet ? PLAIN : SAID;
    const one = { node, depth, top, height, isQuiet, tone: node.object?.verdict.tone ?? "quiet" };
    nodes.push(one);
    if (node.object) places.set(node.id, one);
    return one;
  };
  const lay = (node, depth) => {
    const one = put(node, depth, y);
    for (const child of node.children) edges.push([one, lay(child, depth + 1)]);
    y = Math.max(y, one.top + one.height + GAP_Y);
    return one;
  };
  for (const root of workloads) {
    const top = y;
    lay(root, lead);
    const columns = new Map();
    for (const { object, level } of root.leaders ?? []) {
      const at = columns.get(level) ?? top;
      const one = put({ object, id: object.id, children: [] }, lead - level, at);
      columns.set(level, at + one.height + GAP_Y);
    }
    y = Math.max(y, ...columns.values());
    y += GROUP_Y - GAP_Y;
  }
  const links = [];
  for (const root of workloads) {
    for (const { object } of root.leaders ?? []) {
      for (const id of object.links) if (places.has(id)) links.push([places.get(object.id), places.get(id)]);
    }
  }
  placed = { workloads, room, nodes, edges, links, width, levels, height: Math.max(0, y - GROUP_Y + GAP_Y) };
  return placed;
}

let paintGraph = null;
let isGraphScheduled = false;

const look = () => {
  if (isGraphScheduled) return;
  isGraphScheduled = true;
  requestAnimationFrame(() => { isGraphScheduled = false; drawGraph(false); });
};

/** Draws what is near the window; scrolling draws this alone. */
function drawGraph(isNew) {
  if (!graph) return;
  const box = graph.getBoundingClientRect();
  const around = graph.parentElement.clientWidth - 4;
  if (around !== room && around > 0) {
    room = around;
    changed();
  }
  const top = Math.floor((-box.top - 500) / 300) * 300, bottom = Math.ceil((innerHeight - box.top + 500) / 300) * 300;
  if (!isNew && top === seen.top && bottom === seen.bottom) return;
  seen = { top, bottom };
  const { nodes, edges, links, width: WIDTH, levels, height } = placed;
  const isSeen = (one) => one.top + one.height > top && one.top < bottom;
  const between = ([from, to]) => Math.max(from.top + from.height, to.top + to.height) > top && Math.min(from.top, to.top) < bottom;
  const left = (one) => one.depth * (WIDTH + GAP_X);
  const middleOf = (one) => one.top + (one.node.fold ? 20 : Math.min(one.height, PLAIN) / 2);
  const line = ([from, to]) => {
    const x1 = left(from) + WIDTH, y1 = middleOf(from), x2 = left(to), y2 = middleOf(to);
    const middle = x2 - GAP_X / 2, bend = Math.min(7, Math.abs(y2 - y1) / 2) * Math.sign(y2 - y1);
    return y1 === y2
      ? `M${x1} ${y1}H${x2}`
      : `M${x1} ${y1}H${middle - 7}Q${middle} ${y1} ${middle} ${y1 + bend}V${y2 - bend}Q${middle} ${y2} ${middle + 7} ${y2}H${x2}`;
  };
  const path = (name, some) => h("path", { key: name, class: `edge is-${name}`, d: some.filter(between).map(line).join("") });
  paintGraph(
    h("svg", { class: "edges", width: levels * WIDTH + (levels - 1) * GAP_X, height, "aria-hidden": "true" },
      path("calm", edges.filter(([, owned]) => owned.tone !== "bad")),
      path("link", links),
      path("bad", edges.filter(([, owned]) => owned.tone === "bad")),
    ),
    nodes.filter(isSeen).sort((one, other) => one.top - other.top || one.depth - other.depth).map((one) => {
      const style = { left: `${left(one)}px`, top: `${one.top}px`, width: `${WIDTH}px`, height: `${one.height}px` };
      return one.node.fold
        ? foldButton(one.node, style, one.depth + 1)
        : card(one.node.object, { level: one.depth + 1, isQuiet: one.isQuiet, style });
    }),
  );
}

function graphView(workloads) {
  const { width, levels, height } = layout(workloads);
  return h("div.graph-scroll", {},
    h("div.graph", {
      role: "tree", "aria-label": t.app.tabs.objects, "data-rows": true,
      style: { height: `${height}px`, width: `${levels * width + (levels - 1) * GAP_X}px` },
      hook: {
        mount: (el) => {
          graph = el;
          paintGraph = surface(el);
          addEventListener("scroll", look, { passive: true });
          addEventListener("resize", look);
          drawGraph(true);
        },
        update: () => queueMicrotask(() => drawGraph(true)),
        unmount: () => { graph = null; removeEventListener("scroll", look); removeEventListener("resize", look); },
      },
    }),
  );
}

const says = (object) => object.verdict.tone !== "good" && object.message;

/** Between the workload and the deepest objects nothing is said twice. */
const isRepeating = (node, depth) => depth > 0 && node.children.some((child) => child.object && says(child.object));

function foldButton(node, { left, top }, level) {
  return h("button.fold",
    {
      key: `fold/${node.id}/${node.fold}`, type: "button", role: "treeitem", "aria-level": level, "data-row": true,
      onclick: () => { unfold(node.id); changed(); }, style: { left, top: `${parseInt(top, 10) + 8}px` },
    },
    icon("chevron"),
    node.fold === "older" ? t.app.older(node.count) : t.app.morePods(node.count),
  );
}

function card(object, { level, isQuiet = false, style = {} }) {
  const { verdict } = object;
  const isOpen = place.query.get("object") === object.id;
  return h("a.node",
    {
      key: object.id, href: objectLink(object.id), "data-row": true, role: level ? "treeitem" : null,
      "aria-level": level ?? null,
      "aria-label": `${object.kind} ${object.name}, ${verdict.word}${object.message ? `: ${object.message}` : ""}`,
      class: classes(`tone-edge-${verdict.tone}`, isFresh(object) && "is-fresh", isOpen && "is-open"), style,
      title: `${object.kind} ${object.name}\n${verdict.word}${object.message ? `\n${object.message}` : ""}`,
    },
    kindIcon(object.kind),
    h("span.node-body", {},
      h("span.node-name", {}, cutName(object.name)),
      h("span.node-kind.quiet", {}, object.kind, object.summary ? ` · ${object.summary}` : ""),
      says(object) && !isQuiet
        ? h("span", { class: `node-said tone-${verdict.tone}` }, brief(object.message, { isTight: true }))
        : null,
    ),
    h("span.node-end", {},
      stateIcon(verdict),
      object.createdAt ? h("span.quiet", {}, time(object.createdAt, "since")) : null,
    ),
  );
}

const othersView = (others, isAlone) => {
  const across = Math.max(1, Math.floor(((room || innerWidth - 460) + 10) / 270));
  const lines = [];
  for (let at = 0; at < others.length; at += across) lines.push(others.slice(at, at + across));
  return [isAlone ? null : h("h2.others-title", { key: "others-title" }, t.app.others),
    grid.render(lines, (line) => h("div.others-line", { key: line[0].id, style: { "grid-template-columns": `repeat(${across}, minmax(0, 1fr))` } },
      line.map((object) => card(object, { level: null, isQuiet: true }))),
    { key: "others", "data-rows": true }),
  ];
};

function listView({ workloads, others }) {
  const rows = [];
  const walk = (node, depth) => {
    rows.push({ ...node, depth });
    for (const child of node.children) walk(child, depth + 1);
  };
  for (const root of workloads) walk(root, 0);
  for (const object of others) rows.push({ object, id: object.id, depth: 0 });
  return h("div.object-list", {},
    list.render(rows, row, { "data-rows": true, inner: { role: "list", "aria-label": t.app.tabs.objects } }),
  );
}

function row(node) {
  const indent = { "--depth": String(node.depth) };
  if (node.fold) {
    return h("div.object-row", { key: `fold/${node.id}`, role: "listitem", style: indent },
      h("button.fold", { type: "button", "data-row": true, onclick: () => { unfold(node.id); changed(); } },
        icon("chevron"),
        node.fold === "older" ? t.app.older(node.count) : t.app.morePods(node.count),
      ),
    );
  }
  const { object } = node;
  const { verdict } = object;
  return h("div.object-row",
    {
      key: object.id, role: "listitem", style: indent,
      class: classes(isFresh(object) && "is-fresh", place.query.get("object") === object.id && "is-open"),
    },
    h("span.o-name", {},
      stateIcon(verdict, { label: verdict.word }),
      kindIcon(object.kind),
      h("a.row-link", { href: objectLink(object.id), "data-row": true }, cutName(object.name)),
      h("span.quiet.o-kind", {}, object.kind),
    ),
    h("span.o-said",
      { class: says(object) ? `tone-${verdict.tone}` : "quiet", title: object.message || object.summary },
      says(object) ? brief(object.message) : object.summary,
    ),
    h("span.o-age.quiet", {}, object.createdAt ? time(object.createdAt, "since") : null),
  );
}
