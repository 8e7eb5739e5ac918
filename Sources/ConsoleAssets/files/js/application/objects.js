// The objects of an application, as a graph from workloads to pods, or as a list.

import { classes, h } from "../dom.js";
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
const NARROWEST = 220, WIDEST = 340;
const MANY = 400;
const isNarrow = () => innerWidth < 900;
const list = windowed({ row: () => (innerWidth < 720 ? 54 : 40) });
let seen = { top: 0, bottom: 4_000 };
let graph = null;
let room = 0;

export function objectsView(detail) {
  if (detail.objects.size === 0) return detail.isLoading ? null : empty(t.app.noObjects);
  const text = place.query.get("find") ?? "";
  const onlyProblems = place.query.has("problems");
  const tree = treeFor(detail, { text, onlyProblems });
  const asList = place.query.get("as") === "list" || isNarrow() || detail.objects.size > MANY && place.query.get("as") !== "graph";
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

export const objectLink = (id, view = null) => here({ object: id, view });

let placed = { workloads: null, room: -1 };

/** Where every card of the graph is: each leaf has a row of its own, each owner is beside its first one. */
function layout(workloads) {
  if (placed.workloads === workloads && placed.room === room) return placed;
  const depthOf = (node) => 1 + Math.max(0, ...node.children.map(depthOf));
  const levels = Math.max(2, ...workloads.map(depthOf));
  const width = Math.round(Math.min(WIDEST,
    Math.max(NARROWEST, ((room || innerWidth - 460) - (levels - 1) * GAP_X) / levels),
  ));
  const nodes = [];
  const edges = [];
  let y = 0;
  const lay = (node, depth) => {
    const isQuiet = node.fold || !says(node.object) || isRepeating(node, depth);
    const height = node.fold ? FOLD : isQuiet ? PLAIN : SAID;
    const one = { node, depth, top: y, height, isQuiet, tone: node.object?.verdict.tone ?? "quiet" };
    nodes.push(one);
    for (const child of node.children) edges.push([one, lay(child, depth + 1)]);
    y = Math.max(y, one.top + height + GAP_Y);
    return one;
  };
  for (const root of workloads) {
    lay(root, 0);
    y += GROUP_Y - GAP_Y;
  }
  placed = { workloads, room, nodes, edges, width, levels, height: Math.max(0, y - GROUP_Y + GAP_Y) };
  return placed;
}

function graphView(workloads) {
  const { nodes, edges, width: WIDTH, levels, height } = layout(workloads);
  const isSeen = (top, bottom) => bottom > seen.top && top < seen.bottom;
  const line = ([owner, owned]) => {
    const x1 = owner.depth * (WIDTH + GAP_X) + WIDTH, y1 = owner.top + Math.min(owner.height, PLAIN) / 2;
    const x2 = owned.depth * (WIDTH + GAP_X), y2 = owned.top + (owned.node.fold
      ? 20
      : Math.min(owned.height, PLAIN) / 2);
    const middle = x1 + GAP_X / 2, bend = Math.min(7, Math.abs(y2 - y1) / 2);
    return y1 === y2
      ? `M${x1} ${y1}H${x2}`
      : `M${x1} ${y1}H${middle - bend}Q${middle} ${y1} ${middle} ${y1 + bend}V${y2 - bend}Q${middle} ${y2} ${middle + bend} ${y2}H${x2}`;
  };
  const width = levels * WIDTH + (levels - 1) * GAP_X;
  const shownEdges = edges.filter(([owner, owned]) => isSeen(owner.top, owned.top + owned.height) && (owned.top < seen.bottom && owned.top + owned.height > seen.top || owned.top - owner.top < 100));
  return h("div.graph-scroll", {},
    h("div.graph",
      {
        role: "tree", "aria-label": t.app.tabs.objects, "data-rows": true,
        style: { height: `${height}px`, width: `${width}px` },
        hook: {
          mount: (el) => {
            graph = el;
            addEventListener("scroll", look, { passive: true });
            addEventListener("resize", look);
            look();
          },
          unmount: () => { graph = null; removeEventListener("scroll", look); removeEventListener("resize", look); },
        },
      },
      h("svg", { class: "edges", width, height, "aria-hidden": "true" },
        h("path",
          {
            key: "calm", d: shownEdges.filter(([, owned]) => owned.tone !== "bad").map(line).join(""), class: "edge",
          },
        ),
        h("path",
          {
            key: "bad", d: shownEdges.filter(([, owned]) => owned.tone === "bad").map(line).join(""),
            class: "edge is-bad",
          },
        ),
      ),
      nodes.filter((one) => isSeen(one.top, one.top + one.height)).sort((one,
        other,
      ) => one.top - other.top || one.depth - other.depth).map(({ node, depth: level, top, height: tall, isQuiet }) => (node.fold
        ? foldCard(node, level * (WIDTH + GAP_X), top)
        : card(node.object,
          {
            level: level + 1, isQuiet,
            style: { left: `${level * (WIDTH + GAP_X)}px`, top: `${top}px`, height: `${tall}px`, width: `${WIDTH}px` },
          },
        ))),
    ),
  );
}

function look() {
  if (!graph) return;
  const width = graph.parentElement.clientWidth - 4;
  if (width !== room) {
    room = width;
    changed();
  }
  const top = -graph.getBoundingClientRect().top;
  if (top - 300 < seen.top && seen.top > 0 || top + innerHeight + 300 > seen.bottom || seen.top === 0 && top > 2_000) {
    seen = { top: Math.max(0, top - 1_200), bottom: top + innerHeight + 1_200 };
    changed();
  }
}

const says = (object) => object.verdict.tone !== "good" && object.message;

/** Between the workload and the deepest objects nothing is said twice. */
const isRepeating = (node, depth) => depth > 0 && node.children.some((child) => child.object && says(child.object));

function foldCard(node, left, top) {
  const text = node.fold === "older" ? t.app.older(node.count) : t.app.morePods(node.count);
  return h("button.fold",
    {
      key: `fold/${node.id}/${node.fold}`, type: "button", role: "treeitem", "data-row": true,
      onclick: () => { unfold(node.id); changed(); }, style: { left: `${left}px`, top: `${top + 8}px` },
    },
    icon("chevron"),
    text,
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

const othersView = (others, isAlone) => [isAlone ? null : h("h2.others-title", {}, t.app.others),
  h("div.others", { "data-rows": true }, others.map((object) => card(object, { level: null }))),
];

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
