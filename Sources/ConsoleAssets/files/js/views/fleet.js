// The fleet at a glance: what needs a person, what changed, and tenants × clusters.

import { classes, h } from "../dom.js";
import { absolute, decimal, repositoryName, time } from "../format.js";
import { icon, stateIcon } from "../icons.js";
import { brief } from "../messages.js";
import { avatar, chip, empty, loading, tally, tallyBar, tallyWords } from "../parts.js";
import { link } from "../router.js";
import { needsAttention } from "../states.js";
import { changed, generation, store } from "../store.js";
import { t } from "../strings.js";

const FEW = 5;
const MOVING = 8;
const CHANGES = 24;
const NAMED = 14;
const DOTS = 120;
const MANY = 1_500;
const HOUR = 3_600_000;
/** A pin that ends so soon is for a person to look at. */
const SOON = 2 * HOUR;
const showsAll = new Set();
let cached = { generation: -1 };
let isWarm = false;

export function fleetPage() {
  if (!store.isLoaded) return { name: "fleet", title: "", content: loading() };
  const { applications, changes, cells, numbers } = digest();
  return {
    name: "fleet", title: t.nav.fleet,
    content: [h("h1.unseen", {}, t.nav.fleet),
      h("section.summary", { "aria-label": t.nav.fleet },
        h("p.summary-count", {},
          h("b", {}, decimal(applications.length)),
          " ",
          t.applications(applications.length).replace(/^[\d\s,.]+/, ""),
          h("span.quiet", {},
            ` · ${t.clustersCount(store.clusters.length)} · ${t.tenantsCount(store.tenants.length)}`,
          ),
        ),
        tallyBar(numbers),
        tallyWords(numbers, (state) => link.applications({ state })),
      ),
      isDense()
        ? h("div.fleet-dense", {}, h("div.fleet-side", {}, attentionPanel(), changesPanel(changes)), matrix(cells, applications.length))
        : [h("div.fleet-top", {}, attentionPanel(), changesPanel(changes)),
          store.clusters.length ? matrix(cells, applications.length) : empty(t.clusters.none, t.clusters.noneLong)],
    ],
  };
}

/** Whether there are so many places that each has only a mark. */
const isDense = () => store.clusters.length > 24;

/** What is computed of all applications, once for every change. */
function digest() {
  if (cached.generation === generation) return cached;
  const applications = [...store.applications.values()];
  const soon = new Date(Date.now() + SOON).toISOString();
  const failing = applications.filter(({ verdict }) => needsAttention(verdict) && !waitsForPerson.has(verdict.name)).sort(newestWorst);
  const waiting = applications.filter((one) => waitsForPerson.has(one.verdict.name) || one.pin && one.pin.expiresAt < soon).sort(newestWorst);
  const busy = applications.filter((one) => one.verdict.tone === "busy");
  const cells = new Map();
  const commits = new Map();
  for (const application of applications) {
    const cell = `${application.tenant}\u0000${application.cluster}`;
    if (cells.has(cell)) cells.get(cell).push(application);
    else cells.set(cell, [application]);
    const revision = application.desired ?? application.applied;
    if (!revision) continue;
    const known = commits.get(revision.commit);
    if (known) known.applications.push(application);
    else commits.set(revision.commit, { revision, applications: [application] });
  }
  for (const cell of cells.values()) cell.sort((one, other) => (one.namespace < other.namespace ? -1 : 1));
  const changes = [...commits.values()].sort((one, other) => (one.revision.time < other.revision.time ? 1 : -1)).slice(
    0,
    CHANGES,
  );
  cached = { generation, applications, failing, waiting, busy, changes, cells, numbers: tally(applications) };
  return cached;
}

const waitsForPerson = new Set(["held", "refused"]);
/** What is not known last; else the newest first. */
const newestWorst = (one, other) => Number(one.verdict.tone === "quiet") - Number(other.verdict.tone === "quiet") || (one.since < other.since ? 1 : -1);

function attentionPanel() {
  const { applications, failing, waiting } = digest();
  const unreachable = store.clusters.filter((cluster) => !cluster.reachable);
  const unaccepted = store.tenants.filter((tenant) => !tenant.accepted || tenant.message);
  const total = failing.length + waiting.length + unreachable.length + unaccepted.length;
  if (total === 0) {
    return h("section.panel.attention.is-well", { "aria-label": t.fleet.attention },
      h("div.well", {},
        icon("check", { width: "28", height: "28", class: "tone-good" }),
        h("div", {},
          h("h2", {}, t.fleet.allWell),
          h("p.quiet", {}, applications.length ? t.fleet.allWellLong(applications.length) : t.fleet.emptyLong),
        ),
      ),
      moving(),
    );
  }
  return h("section.panel.attention", { "aria-labelledby": "attention-title" },
    h("header", {}, h("h2", { id: "attention-title" }, t.fleet.attention), h("span.count.tone-bad", {}, total)),
    group("failing", "bad", [
      ...unreachable.map((cluster) => away(`cluster/${cluster.name}`, link.cluster(cluster.name), "cross", cluster.name, t.unreachable, cluster)),
      ...unaccepted.map((tenant) => away(`tenant/${tenant.name}`, link.tenant(tenant.name), "barred", tenant.name, tenant.accepted ? t.tenants.unreadable : t.tenants.notAccepted, tenant)),
    ], failing),
    group("waiting", "held", [], waiting),
    moving(),
  );
}

/** @type {(key: string, href: string, mark: string, name: string, word: string, what: { message: string, since?: string }) => VNode} */
const away = (key, href, mark, name, word, { message, since }) => h("li", { key },
  h("a.trouble", { href, "data-row": true },
    icon(mark, { class: "state tone-bad" }),
    h("span.trouble-body", {},
      h("span.trouble-head", {}, h("b", {}, name), h("span.quiet", {}, word)),
      h("span.sentence", {}, message),
    ),
    h("span.quiet.when", {}, since ? time(since, "since") : null),
  ),
);

/** What fails, or what waits for a person: the first few, or all. */
function group(name, tone, first, applications) {
  const all = first.length + applications.length;
  if (all === 0) return null;
  const isOpen = showsAll.has(name);
  const few = Math.max(2, (isDense() ? 3 : FEW) - first.length);
  const toggle = () => {
    if (!showsAll.delete(name)) showsAll.add(name);
    changed();
  };
  return h("div.trouble-group", { key: name },
    h("h3", {}, t.fleet[name], " ", h("span.count", { class: `tone-${tone}` }, all)),
    h("ul.rows", { "data-rows": true }, first, applications.slice(0, isOpen ? 200 : few).map(trouble)),
    applications.length > few
      ? h("button.more", { type: "button", onclick: toggle }, isOpen ? t.fleet.fewer : t.fleet.more(applications.length - few))
      : null,
  );
}

/** What is being applied or becomes healthy right now. */
function moving() {
  const { busy } = digest();
  if (busy.length === 0) return null;
  return h("footer.moving", {},
    h("h3", {}, t.fleet.moving),
    h("div.chips", {},
      busy.slice(0, MOVING).map((one) => movingChip(one)),
      busy.length > MOVING
        ? h("a.chip-more", { href: link.applications({ sort: "time" }) }, `+${busy.length - MOVING}`)
        : null,
    ),
  );
}

const movingChip = (one) => h("a.chip",
  { key: one.id, href: link.application(one.id), class: `tone-${one.verdict.tone}`, title: one.message },
  stateIcon(one.verdict),
  h("span", {}, one.namespace, " ", h("span.quiet", {}, one.cluster)),
);

function trouble(application) {
  const revision = application.desired ?? application.applied;
  return h("li", { key: application.id },
    h("a.trouble", { href: link.application(application.id), "data-row": true },
      stateIcon(application.verdict),
      h("span.trouble-body", {},
        h("span.trouble-head", {},
          h("b", {}, application.namespace),
          h("span.where", {}, application.cluster),
          h("span", { class: `word tone-${application.verdict.tone}` }, application.verdict.word),
        ),
        h("span.sentence", { title: rawSentence(application) }, application.pin && !needsAttention(application.verdict)
          ? [icon("pin"), t.fleet.pinEndsLong(absolute(application.pin.expiresAt), application.pin.reason)]
          : sentence(application)),
        revision
          ? h("span.blame.quiet", {},
            h("span.sha", {}, revision.commit.slice(0, 7)),
            " ",
            h("bdi", {}, revision.subject),
            " · ",
            h("bdi", {}, revision.author),
          )
          : null,
      ),
      h("span.quiet.when", {}, time(application.since, "since")),
    ),
  );
}

export const sentence = (application) => brief(rawSentence(application));
export const rawSentence = (application) => application.message || application.findings[0]?.message || "";

function changesPanel(changes) {
  return h("section.panel.changes", { "aria-labelledby": "changes-title" },
    h("header", {},
      h("h2", { id: "changes-title" }, t.fleet.recent),
      lastHour(),
    ),
    changes.length === 0 ? h("p.quiet.pad", {}, t.fleet.noChanges) : h("ol.rows", {}, changes.map(change)));
}

function lastHour() {
  const since = new Date(Date.now() - HOUR).toISOString();
  const n = digest().applications.filter((one) => (one.appliedAt ?? "") > since).length;
  return n === 0
    ? h("span.quiet", {}, t.fleet.quietHour)
    : h("a.quiet-link", { href: link.applications({ recent: "1", sort: "time" }) }, t.fleet.lastHour(n));
}

function change({ revision, applications }) {
  const worst = applications.reduce((one, other) => (other.verdict.rank < one.verdict.rank ? other : one));
  const clusters = [...new Set(applications.map((one) => one.cluster))];
  const names = [...new Set(applications.map((one) => one.namespace))];
  const to = applications.length === 1 ? link.application(applications[0].id) : link.commit(revision.commit);
  return h("li.change", { key: revision.commit },
    avatar(revision.author),
    h("span.change-body", {},
      h("a.subject", { href: to, title: revision.subject }, revision.subject),
      h("span.quiet.where", { title: `${repositoryName(applications[0].repository)}: ${names.join(", ")}` },
        names.slice(0, 2).join(", "),
        names.length > 2 ? ` +${names.length - 2}` : "",
        " → ",
        clusters.join(", "),
      ),
    ),
    h("span.change-end", {},
      stateIcon(worst.verdict, { label: worst.verdict.word }),
      h("span.quiet", {}, time(revision.time, "since")),
    ),
  );
}

/** Clusters as columns: on-premises first, then the cloud; within, as the environments follow each other. */
export function orderedClusters() {
  const order = ["sandbox", "development", "dev", "test", "staging", "preproduction", "production", "prod"];
  const rank = (cluster) => { const at = order.indexOf(cluster.environment); return at < 0 ? 3.5 : at; };
  return [...store.clusters].sort((one, other) => Number(one.location === "cloud") - Number(other.location === "cloud") || rank(one) - rank(other) || (one.name < other.name
    ? -1
    : 1));
}

function matrix(cells, total) {
  const clusters = orderedClusters();
  const tenants = store.tenants;
  const known = new Set(tenants.map((tenant) => tenant.name));
  const strays = [...new Set([...store.applications.values()].map((one) => one.tenant))].filter((name) => !known.has(name)).sort();
  const rows = [...tenants, ...strays.map((name) => ({ name, displayName: "", clusters: [], prefixes: [] }))];
  // The first rows are on the screen before the others are made.
  const isFirst = isDense() && !isWarm;
  if (isFirst) setTimeout(() => { isWarm = true; changed(); }, 120);
  const most = Math.max(0, ...[...cells.values()].map((cell) => cell.length));
  const mode = total > MANY || isDense() ? "tallies" : clusters.length > 9 || most > NAMED ? "dots" : "names";

  const groups = [];
  for (const cluster of clusters) {
    const name = cluster.location === "cloud" ? "cloud" : "onPremises";
    const group = groups.at(-1);
    if (group?.name === name) group.clusters.push(cluster);
    else groups.push({ name, clusters: [cluster] });
  }
  return h("section.panel.matrix-panel", { "aria-label": `${t.nav.tenants} × ${t.nav.clusters}` },
    h("div.matrix-scroll", {},
      h("table.matrix", { class: classes(`is-${mode}`, isDense() && "is-dense") },
        h("thead", {},
          h("tr.places", {},
            h("th", { rowspan: "2", scope: "col" }, h("span.unseen", {}, t.fleet.tenant)),
            groups.map((group) => h("th.place",
              { key: group.name, colspan: group.clusters.length, scope: "colgroup", class: `is-${group.name}` },
              icon(group.name === "cloud" ? "cloud" : "building"),
              t.fleet[group.name],
            )),
          ),
          h("tr", {},
            clusters.map((cluster, index) => clusterHead(cluster,
              index > 0 && clusters[index - 1].location !== cluster.location,
            )),
          ),
        ),
        h("tbody", {},
          rows.length === 0
            ? h("tr", {}, h("td", { colspan: clusters.length + 1 }, empty(t.tenants.none, t.tenants.noneLong)))
            : (isFirst ? rows.slice(0, 12) : rows).map((tenant) => h("tr", { key: tenant.name },
              h("th.tenant", { scope: "row" },
                h("a", { href: link.tenant(tenant.name) },
                  h("b", {}, tenant.name),
                  h("span.quiet", {}, tenant.displayName),
                ),
              ),
              clusters.map((cluster, index) => cell(tenant, cluster,
                cells.get(`${tenant.name}\u0000${cluster.name}`),
                mode,
                index > 0 && clusters[index - 1].location !== cluster.location,
              )),
            )),
        ),
      ),
    ),
  );
}

function clusterHead(cluster, begins) {
  return h("th.cluster",
    { key: cluster.name, scope: "col", class: classes(begins && "begins", !cluster.reachable && "is-away") },
    h("a", { href: link.cluster(cluster.name) },
      h("b", {}, cluster.name),
      cluster.environment === cluster.name ? null : h("span.environment", {}, cluster.environment),
    ),
    cluster.reachable
      ? h("span.facts.quiet", {},
        cluster.version,
        " · ",
        t.nodes(cluster.readyNodes, cluster.nodes),
        cluster.simulated ? h("span.tag", { title: t.simulatedLong }, t.simulated) : null,
      )
      : h("span.facts.tone-bad", { title: cluster.message }, icon("cross"), t.unreachable),
  );
}

function cell(tenant, cluster, applications, mode, begins) {
  const key = cluster.name;
  if (!applications) {
    const mayUse = tenant.clusters.length === 0 || tenant.clusters.includes(cluster.name);
    return h("td.none",
      {
        key, "data-cluster": cluster.name, class: classes(begins && "begins", !mayUse && "is-barred"),
        title: mayUse ? null : t.fleet.noAccess,
      },
      h("span.unseen", {}, mayUse ? t.fleet.none : t.fleet.noAccess),
    );
  }
  if (mode === "tallies") return h("td.tallied",
    { key, "data-cluster": cluster.name, class: classes(begins && "begins", !cluster.reachable && "is-away") },
    talliedCell(tenant, cluster, applications));
  // Where not all have room, those that need a person come first.
  const shown = mode === "names"
    ? applications
    : [...applications].sort((one, other) => one.verdict.rank - other.verdict.rank).slice(0, DOTS);
  return h("td",
    { key, "data-cluster": cluster.name, class: classes(begins && "begins", !cluster.reachable && "is-away") },
    h("div.chips", {},
      shown.map((application) => chip(application, { bare: mode === "dots" })),
      applications.length > shown.length
        ? h("a.chip-more", { href: link.applications({ tenant: tenant.name, cluster: cluster.name }) },
          `+${applications.length - shown.length}`,
        )
        : null,
    ),
  );
}

/** Where there is no room for each: how many, and the worst; a healthy place is quiet. */
function talliedCell(tenant, cluster, applications) {
  let worst = applications[0].verdict;
  let troubled = 0;
  for (const { verdict } of applications) {
    if (verdict.rank < worst.rank) worst = verdict;
    if (needsAttention(verdict)) troubled += 1;
  }
  const text = tally(applications).map(([verdict, number]) => `${number} ${verdict.word}`).join(", ");
  const said = t.fleet.cell(tenant.name, cluster.name, text);
  return h("a.tile",
    { href: link.applications({ tenant: tenant.name, cluster: cluster.name }), class: `tone-${worst.tone}`, title: said, "aria-label": said },
    worst.tone === "good" ? null : stateIcon(worst),
    h("span.tile-count", {}, troubled > 0 ? `${troubled}/${applications.length}` : applications.length),
  );
}
