// Clusters: whether they answer, how big they are, and what runs there.

import { classes, h } from "../dom.js";
import { bytes, decimal, time } from "../format.js";
import { icon, stateBadge } from "../icons.js";
import { chip, empty, loading, meter, tally, tallyBar, tallyWords } from "../parts.js";
import { link } from "../router.js";
import { verdictNamed } from "../states.js";
import { remote } from "../remote.js";
import { store } from "../store.js";
import { t } from "../strings.js";
import { orderedClusters } from "./fleet.js";

export function clustersPage() {
  if (!store.isLoaded) return { name: "clusters", title: t.nav.clusters, content: loading() };
  const clusters = orderedClusters();
  const group = (name, mark, members) => members.length === 0
    ? null
    : h("section.place-group", { key: name },
      h("h2", {}, icon(mark), t.fleet[name]),
      h("div.cards", {}, members.map(card)),
    );
  return {
    name: "clusters", title: t.nav.clusters,
    content: [h("h1", {}, t.nav.clusters),
      clusters.length === 0
        ? empty(t.clusters.none, t.clusters.noneLong)
        : [group("onPremises", "building", clusters.filter((one) => one.location !== "cloud")),
          group("cloud", "cloud", clusters.filter((one) => one.location === "cloud")),
        ],
    ],
  };
}

const applicationsOf = (name) => [...store.applications.values()].filter((one) => one.cluster === name);
const away = () => stateBadge({ ...verdictNamed("failed"), word: t.unreachable });

function card(cluster) {
  const numbers = tally(applicationsOf(cluster.name));
  return h("article.card", { key: cluster.name, class: classes(!cluster.reachable && "is-away") },
    h("header", {},
      h("h2", {}, h("a.cover", { href: link.cluster(cluster.name) }, cluster.name)),
      h("span.quiet", {}, cluster.environment),
      cluster.reachable ? null : away(),
    ),
    cluster.message ? h("p.sentence", {}, cluster.message) : null,
    h("p.facts.quiet", {},
      cluster.version,
      " · ",
      t.nodes(cluster.readyNodes, cluster.nodes),
      cluster.simulated ? h("span.tag", { title: t.simulatedLong }, t.simulated) : null,
    ),
    tallyBar(numbers),
    tallyWords(numbers, (state) => link.applications({ cluster: cluster.name, state })),
  );
}

export function clusterPage(name) {
  if (!store.isLoaded) return { name: "cluster", title: name, content: loading() };
  const cluster = store.clusters.find((one) => one.name === name);
  if (!cluster) return {
    name: "cluster", title: name,
    content: empty(t.notFound, null, h("a.button", { href: "/clusters" }, t.nav.clusters)),
  };
  const applications = applicationsOf(name).sort((one, other) => (one.namespace < other.namespace ? -1 : 1));
  const numbers = tally(applications);
  const tenants = [...new Set(applications.map((one) => one.tenant))].sort();
  return {
    name: "cluster", title: name, key: `cluster/${name}`,
    content: [h("nav.crumbs", { "aria-label": t.breadcrumb }, h("a", { href: "/clusters" }, t.nav.clusters)),
      h("div.title", {},
        h("h1", {}, cluster.name),
        h("span.quiet", {}, cluster.environment),
        cluster.simulated ? h("span.tag", { title: t.simulatedLong }, t.simulated) : null,
        cluster.reachable ? null : away(),
      ),
      cluster.message ? h("p.notice.tone-bad", {}, icon("alert"), cluster.message) : null,
      h("section.summary", {},
        tallyBar(numbers),
        tallyWords(numbers, (state) => link.applications({ cluster: name, state })),
      ),
      h("div.split", {},
        h("section.panel", {},
          h("header", {},
            h("h2", {}, t.nav.applications),
            h("a.quiet-link", { href: link.applications({ cluster: name }) }, t.list.all),
          ),
          h("div.pad", {},
            applications.length === 0
              ? h("p.quiet", {}, t.fleet.empty)
              : tenants.map((tenant) => h("div.chip-group", { key: tenant },
                h("h3", {}, h("a", { href: link.tenant(tenant) }, tenant)),
                h("div.chips", {}, applications.filter((one) => one.tenant === tenant).map((one) => chip(one))),
              )),
          ),
        ),
        h("section.panel", {},
          h("dl.facts-list.pad", {},
            h("dt", {}, t.clusters.version),
            h("dd", {}, cluster.version),
            h("dt", {}, t.clusters.nodes),
            h("dd", {},
              t.nodes(cluster.readyNodes, cluster.nodes),
              cluster.simulated ? h("div.quiet", {}, t.simulatedLong) : null,
            ),
            h("dt", {}, t.clusters.environment),
            h("dd", {},
              cluster.environment,
              " · ",
              cluster.location === "cloud" ? t.fleet.cloud : t.fleet.onPremises,
            ),
            h("dt", {}, t.clusters.connection),
            h("dd", {},
              t.clusters.providers[cluster.provider] ?? cluster.provider,
              h("div", { class: cluster.reachable ? "quiet" : "tone-bad" },
                cluster.reachable ? t.clusters.connected : t.unreachable, " ", t.since, " ", time(cluster.since, "since"),
              ),
            ),
            h("dt", {}, t.clusters.allowed),
            h("dd", {}, store.tenants.filter((tenant) => tenant.clusters.length === 0 || tenant.clusters.includes(name))
              .map((tenant) => h("a.tag", { key: tenant.name, href: link.tenant(tenant.name) }, tenant.name))),
          ),
        ),
      ),
      cluster.reachable ? nodesPanel(cluster) : null,
    ],
  };
}

/** Nodes, and how much of each is asked for; read when the page is opened and when the cluster changes. */
function nodesPanel(cluster) {
  const { value, error } = remote(`/api/v1/clusters/${encodeURIComponent(cluster.name)}/nodes`, `${cluster.nodes}/${cluster.readyNodes}`);
  const nodes = value?.items;
  const sum = (part, what) => nodes.reduce((all, node) => all + node[part][what], 0);
  return h("section.panel", { "aria-label": t.clusters.nodes },
    h("header", {}, h("h2", {}, t.clusters.nodes), h("span.quiet", {}, t.nodes(cluster.readyNodes, cluster.nodes))),
    error && !nodes ? h("p.notice.tone-bad", {}, error.message)
      : !nodes ? loading()
      : nodes.length === 0 ? h("p.quiet.pad", {}, t.clusters.noNodes)
      : [h("div.capacity", { key: "capacity", role: "group", "aria-label": t.clusters.capacity },
        amount(t.clusters.cpu, sum("requested", "cpu"), sum("allocatable", "cpu"), decimal, t.clusters.cores),
        amount(t.clusters.memory, sum("requested", "memory"), sum("allocatable", "memory"), bytes, ""),
        amount(t.clusters.pods, sum("requested", "pods"), sum("allocatable", "pods"), decimal, ""),
      ),
      h("div.scroll-x", { key: "nodes", tabindex: "0", role: "group", "aria-label": t.clusters.nodes }, h("table.plain", {},
        h("thead", {}, h("tr", {},
          [t.clusters.node, t.list.columns.state, t.clusters.version, t.clusters.cpu, t.clusters.memory, t.clusters.pods, t.clusters.age]
            .map((word) => h("th", { key: word, scope: "col" }, word)))),
        h("tbody", {}, nodes.slice(0, 500).map((node) => h("tr", { key: node.name },
          h("th", { scope: "row" }, node.name, node.roles.map((role) => h("span.tag", { key: role }, role))),
          h("td", {},
            stateBadge({ ...verdictNamed(node.ready ? node.cordoned ? "paused" : "healthy" : "degraded"),
              word: node.ready ? node.cordoned ? t.clusters.cordoned : t.clusters.ready : t.clusters.notReady }),
            node.problems.map((text, index) => h("div.quiet", { key: index }, text)),
            node.taints.map((text) => h("code", { key: text }, text)),
          ),
          h("td", {}, node.version),
          ["cpu", "memory", "pods"].map((what) => h("td", { key: what },
            meter(node.requested[what], node.allocatable[what], share(node, what)))),
          h("td.quiet", {}, node.createdAt ? time(node.createdAt, "since") : null),
        ))),
      ))],
  );
}

const share = (node, what) => {
  const write = what === "memory" ? bytes : decimal;
  return t.tenants.of(write(node.requested[what]), write(node.allocatable[what]));
};

const amount = (word, part, whole, write, unit) => h("div.amount", { key: word },
  h("span.label", {}, word), meter(part, whole, t.clusters.asked(write(part), write(whole), unit)));
