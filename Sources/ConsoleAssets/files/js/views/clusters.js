// Clusters: whether they answer, how big they are, and what runs there.

import { classes, h } from "../dom.js";
import { time } from "../format.js";
import { icon, stateBadge } from "../icons.js";
import { chip, empty, loading, tally, tallyBar, tallyWords } from "../parts.js";
import { link } from "../router.js";
import { verdictNamed } from "../states.js";
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
    content: [h("nav.crumbs", { "aria-label": "Breadcrumb" }, h("a", { href: "/clusters" }, t.nav.clusters)),
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
            h("dt", {}, t.clusters.provider),
            h("dd", {},
              t.clusters.providers[cluster.provider] ?? cluster.provider,
              h("div.quiet", {},
                cluster.reachable ? "" : t.unreachable,
                cluster.reachable ? "" : " ",
                cluster.reachable ? null : time(cluster.since, "since"),
              ),
            ),
          ),
        ),
      ),
    ],
  };
}
