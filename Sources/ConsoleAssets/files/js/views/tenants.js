// Product teams: what they may use, and how what they run is.

import { h } from "../dom.js";
import { repositoryName, webAddress } from "../format.js";
import { icon, stateBadge } from "../icons.js";
import { chip, empty, loading, tally, tallyBar, tallyWords } from "../parts.js";
import { link } from "../router.js";
import { verdictNamed } from "../states.js";
import { store } from "../store.js";
import { t } from "../strings.js";
import { orderedClusters } from "./fleet.js";

export function tenantsPage() {
  if (!store.isLoaded) return { name: "tenants", title: t.nav.tenants, content: loading() };
  return {
    name: "tenants", title: t.nav.tenants,
    content: [h("h1", {}, t.nav.tenants),
      store.tenants.length === 0
        ? empty(t.tenants.none, t.tenants.noneLong)
        : h("div.cards", {}, store.tenants.map(card)),
    ],
  };
}

const applicationsOf = (name) => [...store.applications.values()].filter((one) => one.tenant === name);

function card(tenant) {
  const numbers = tally(applicationsOf(tenant.name));
  return h("article.card", { key: tenant.name },
    h("header", {},
      h("h2", {}, h("a.cover", { href: link.tenant(tenant.name) }, tenant.name)),
      h("span.quiet", {}, tenant.displayName),
      tenant.accepted ? null : stateBadge({ ...verdictNamed("refused"), word: t.tenants.notAccepted }),
    ),
    tenant.message ? h("p.sentence", {}, tenant.message) : null,
    h("p.prefixes", {}, tenant.prefixes.map((prefix) => h("code", { key: prefix }, `${prefix}*`))),
    tallyBar(numbers),
    tallyWords(numbers, (state) => link.applications({ tenant: tenant.name, state })),
  );
}

export function tenantPage(name) {
  if (!store.isLoaded) return { name: "tenant", title: name, content: loading() };
  const tenant = store.tenants.find((one) => one.name === name);
  if (!tenant) return {
    name: "tenant", title: name, content: empty(t.notFound, null, h("a.button", { href: "/tenants" }, t.nav.tenants)),
  };
  const applications = applicationsOf(name);
  const numbers = tally(applications);
  const clusters = orderedClusters().filter((cluster) => applications.some((one) => one.cluster === cluster.name));
  return {
    name: "tenant", title: name, key: `tenant/${name}`,
    content: [h("nav.crumbs", { "aria-label": "Breadcrumb" }, h("a", { href: "/tenants" }, t.nav.tenants)),
      h("div.title", {},
        h("h1", {}, tenant.name),
        h("span.quiet", {}, tenant.displayName),
        tenant.accepted ? null : stateBadge({ ...verdictNamed("refused"), word: t.tenants.notAccepted }),
      ),
      tenant.message ? h("p.notice.tone-bad", {}, icon("barred"), tenant.message) : null,
      h("section.summary", {},
        tallyBar(numbers),
        tallyWords(numbers, (state) => link.applications({ tenant: name, state })),
      ),
      h("div.split", {},
        h("section.panel", {},
          h("header", {},
            h("h2", {}, t.nav.applications),
            h("a.quiet-link", { href: link.applications({ tenant: name }) }, t.list.all),
          ),
          h("div.pad", {},
            applications.length === 0
              ? h("p.quiet", {}, t.fleet.empty)
              : clusters.map((cluster) => h("div.chip-group", { key: cluster.name },
                h("h3", {}, h("a", { href: link.cluster(cluster.name) }, cluster.name)),
                h("div.chips", {},
                  applications.filter((one) => one.cluster === cluster.name).map((one) => chip(one)),
                ),
              )),
          ),
        ),
        h("section.panel", {},
          h("dl.facts-list.pad", {},
            h("dt", {}, t.tenants.prefixes),
            h("dd", {}, tenant.prefixes.map((prefix) => h("code", { key: prefix }, `${prefix}*`))),
            h("dt", {}, t.tenants.repositories),
            h("dd", {},
              tenant.repositories.map((repository) => h("div.repository", { key: repository.url },
                h("b", {}, repositoryName(repository.url)),
                h("span.quiet", {}, ` ${repository.branch} · ${repository.root}/`),
                h("div.quiet.break", {},
                  webAddress(repository.url)
                    ? h("a", { href: webAddress(repository.url), target: "_blank", rel: "noreferrer noopener" },
                      repository.url,
                    )
                    : repository.url,
                ),
              )),
            ),
            h("dt", {}, t.tenants.clusters),
            h("dd", {},
              tenant.clusters.length === 0
                ? t.tenants.all
                : tenant.clusters.map((cluster) => h("a.tag", { key: cluster, href: link.cluster(cluster) }, cluster)),
            ),
            h("dt", {}, t.tenants.groups),
            h("dd", {},
              Object.entries(tenant.groups).map(([role, groups]) => h("div", { key: role },
                groups.map((group) => h("code", { key: group }, group)),
                h("span.quiet", {}, ` ${t.tenants.roles[role] ?? role}`),
              )),
            ),
          ),
        ),
      ),
    ],
  };
}
