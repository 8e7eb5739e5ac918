// Every application: search as you type, filters in the address, rows only where one looks.

import { classes, find, h } from "../dom.js";
import { time } from "../format.js";
import { icon, stateIcon } from "../icons.js";
import { avatar, commitLink, empty, loading, tally } from "../parts.js";
import { amend, here, link, place } from "../router.js";
import { needsAttention, verdictNamed } from "../states.js";
import { generation, isFresh, store, textOf } from "../store.js";
import { t } from "../strings.js";
import { windowed } from "../windowed.js";
import { rawSentence, sentence } from "./fleet.js";

const sorts = {
  state: (one, other) => one.verdict.rank - other.verdict.rank || order(other.since, one.since),
  time: (one, other) => order(moment(other), moment(one)),
  name: () => 0,
};
// Times as they are written sort as they follow each other.
const order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const moment = (application) => (application.desired ?? application.applied)?.time ?? application.since;
const HOUR = 3_600_000;

/** @type {{ key: string | null, found: Application[], numbers: [Verdict, number][], total: number }} */
let cached = { key: null, found: [], numbers: [], total: 0 };
const list = windowed({ row: () => (matchMedia("(max-width: 720px)").matches ? 74 : 48) });

export function applicationsPage() {
  if (!store.isLoaded) return { name: "applications", title: t.nav.applications, content: loading() };
  const { found, numbers, total } = filtered();
  const query = place.query;
  const selected = query.get("state") ?? "";
  const isFiltered = ["q", "state", "tenant", "cluster", "recent"].some((name) => query.get(name));
  const facet = (name, word, number, verdict) => h("a.facet",
    { key: name || "all", href: here({ state: name || null }), "aria-current": selected === name ? "true" : null },
    verdict ? stateIcon(verdict) : name === "attention" ? icon("alert", { class: "tone-bad" }) : null,
    h("span", {}, word),
    h("b", {}, number),
  );
  const attentionCount = numbers.filter(([verdict]) => needsAttention(verdict)).reduce(
    (sum, [, number]) => sum + number,
    0,
  );
  const tenants = [...new Set([...store.tenants.map((one) => one.name),
    ...(query.get("tenant") ? [query.get("tenant")] : []),
  ])];
  const clusters = [...new Set([...store.clusters.map((one) => one.name),
    ...(query.get("cluster") ? [query.get("cluster")] : []),
  ])];
  return {
    name: "applications", title: t.nav.applications,
    content: [
      h("div.toolbar", { role: "search" },
        h("h1", {}, t.nav.applications),
        h("label.field", {},
          icon("search"),
          h("input",
            {
              type: "search", "data-find": true, value: query.get("q") ?? "", placeholder: t.list.filter,
              "aria-label": t.list.filter, spellcheck: "false", autocomplete: "off",
              oninput: (event) => amend({ q: event.target.value }),
              onkeydown: (event) => {
                if (event.key === "ArrowDown" || event.key === "Enter") {
                  event.preventDefault();
                  find("[data-row]")?.focus();
                } else if (event.key === "Escape") {
                  event.target.blur();
                }
              },
            },
          ),
        ),
        select("tenant", t.list.anyTenant, tenants),
        select("cluster", t.list.anyCluster, clusters),
        h("label.select", {},
          h("span.unseen", {}, t.list.sort),
          h("select",
            {
              value: query.get("sort") ?? "state",
              onchange: (event) => amend({ sort: event.target.value === "state" ? null : event.target.value }),
            },
            option("state", t.list.byState),
            option("time", t.list.byTime),
            option("name", t.list.byName),
          ),
        ),
      ),
      h("div.facets", { "aria-label": t.list.columns.state },
        facet("", t.list.all, total),
        h("a.facet", { key: "recent", href: here({ recent: query.has("recent") ? null : "1" }), "aria-current": query.has("recent") ? "true" : null },
          icon("clock"), h("span", {}, t.list.recent)),
        attentionCount ? facet("attention", t.list.attention, attentionCount) : null,
        numbers.map(([verdict, number]) => facet(verdict.name, verdict.word, number, verdict)),
        selected && selected !== "attention" && !numbers.some(([verdict]) => verdict.name === selected) && verdictNamed(selected)
          ? facet(selected, verdictNamed(selected).word, 0, verdictNamed(selected))
          : null,
      ),
      h("p.unseen", { role: "status" }, t.applications(found.length)),
      found.length === 0
        ? isFiltered
        ? empty(t.list.none, null, h("a.button", { href: "/applications" }, t.list.clear))
        : empty(t.fleet.empty, t.fleet.emptyLong)
        : h("div.table", { role: "table", "aria-rowcount": found.length, "aria-label": t.nav.applications },
          h("div.table-head", { role: "row" },
            ["state", "application", "what", "commit", "since"].map((name) => h("span",
              { key: name, role: "columnheader", class: `c-${name}` },
              t.list.columns[name],
            )),
          ),
          list.render(found, row, { "data-rows": true, role: "rowgroup" }),
        ),
    ],
  };
}

function select(name, all, values) {
  return h("label.select", {},
    h("span.unseen", {}, t.list[name]),
    h("select", { value: place.query.get(name) ?? "", onchange: (event) => amend({ [name]: event.target.value }) },
      option("", all),
      values.map((value) => option(value, value)),
    ),
  );
}

const option = (value, text) => h("option", { value, key: value }, text);

const matches = (text, words) => words.every((word) => text.includes(word));

/** @type {{ key: string | null, all: Application[] }} */
let inOrder = { key: null, all: [] };

/** All applications in an order: made once, not for every letter that is typed. */
function sorted(name) {
  const key = `${generation}/${name}`;
  if (inOrder.key !== key) {
    const compare = sorts[name] ?? sorts.state;
    inOrder = { key, all: [...store.applications.values()].sort((one, other) => compare(one, other) || (one.id < other.id ? -1 : 1)) };
  }
  return inOrder.all;
}

function filtered() {
  const query = place.query;
  const key = `${generation}?${query}`;
  if (cached.key === key) return cached;
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const [tenant, cluster, state] = ["tenant", "cluster", "state"].map((name) => query.get(name));
  const others = [];
  const recent = query.has("recent") ? new Date(Date.now() - HOUR).toISOString() : null;
  for (const application of sorted(query.get("sort") ?? "state")) {
    if (tenant && application.tenant !== tenant) continue;
    if (cluster && application.cluster !== cluster) continue;
    if (recent && !((application.appliedAt ?? "") > recent)) continue;
    if (words.length === 0 || matches(textOf(application), words)) others.push(application);
  }
  const found = !state
    ? others
    : others.filter((one) => (state === "attention" ? needsAttention(one.verdict) : one.verdict.name === state));
  cached = { key, found, numbers: tally(others), total: others.length };
  return cached;
}

const rows = new WeakMap();

function row(application) {
  const fresh = isFresh(application);
  const known = rows.get(application);
  if (known && known.fresh === fresh && known.connection === store.connection.state) return known.vnode;
  const { verdict } = application;
  const revision = application.desired ?? application.applied;
  const text = sentence(application);
  const vnode = h("div.table-row",
    { key: application.id, role: "row", class: classes(`tone-edge-${verdict.tone}`, fresh && "is-fresh") },
    h("span.c-state", { role: "cell" },
      stateIcon(verdict),
      h("span", { class: `word tone-${verdict.tone}` }, verdict.word),
    ),
    h("span.c-application", { role: "rowheader" },
      h("a.row-link", { href: link.application(application.id), "data-row": true },
        h("b", {}, application.namespace),
      ),
      h("span.quiet", {}, application.tenant, " · ", application.cluster),
    ),
    h("span.c-what", { role: "cell", title: rawSentence(application) || revision?.subject || "" },
      text
        ? h("span", { class: verdict.tone === "good" ? "quiet" : "" }, text)
        : h("span.quiet", {}, revision?.subject ?? ""),
    ),
    h("span.c-commit", { role: "cell" },
      revision
        ? [avatar(revision.author), commitLink(revision.commit), h("bdi.quiet", {}, revision.author)]
        : h("span.quiet", {}, "–"),
    ),
    h("span.c-since.quiet", { role: "cell" }, time(application.since, "since")),
  );
  rows.set(application, { vnode, fresh, connection: store.connection.state });
  return vnode;
}
