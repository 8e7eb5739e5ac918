// Product teams: what they may use, and how what they run is.

import { h } from "../dom.js";
import { repositoryName, time, webAddress } from "../format.js";
import { icon, stateBadge } from "../icons.js";
import { brief } from "../messages.js";
import { chip, empty, loading, meter, tally, tallyBar, tallyWords } from "../parts.js";
import { link } from "../router.js";
import { verdictNamed } from "../states.js";
import { remote } from "../remote.js";
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
    content: [h("nav.crumbs", { "aria-label": t.breadcrumb }, h("a", { href: "/tenants" }, t.nav.tenants)),
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
            h("dt", {}, t.tenants.members),
            h("dd", {},
              Object.entries(tenant.groups).length === 0 ? h("span.quiet", {}, t.tenants.noMembers) : null,
              Object.entries(tenant.groups).map(([role, groups]) => h("div.role", { key: role },
                h("span.quiet", {}, t.tenants.roles[role] ?? role),
                groups.map((group) => h("code", { key: group }, group)),
              )),
            ),
          ),
        ),
      ),
      h("div.split", {}, findingsPanel(applications), quotaPanel(name, applications.length)),
    ],
  };
}

const MOST = 60;
const rank = { error: 0, warning: 1, info: 2 };
const marks = { error: ["cross", "bad"], warning: ["alert", "warn"], info: ["info", "quiet"] };

function findingsPanel(applications) {
  const all = applications.flatMap((application) => application.findings.map((finding) => ({ application, finding })))
    .sort((one, other) => rank[one.finding.severity] - rank[other.finding.severity] || (one.finding.since < other.finding.since ? 1 : -1));
  return h("section.panel", { "aria-label": t.tenants.findings },
    h("header", {}, h("h2", {}, t.tenants.findings), all.length ? h("span.count", {}, all.length) : null),
    all.length === 0
      ? h("p.quiet.pad", {}, t.tenants.noFindings)
      : h("ul.rows", { "data-rows": true },
        all.slice(0, MOST).map(({ application, finding }, index) => {
          const [mark, tone] = marks[finding.severity] ?? marks.info;
          return h("li", { key: `${application.id}/${finding.code}/${index}` },
            h("a.trouble", { href: link.application(application.id), "data-row": true },
              icon(mark, { class: `state tone-${tone}`, role: "img", "aria-label": finding.severity, "aria-hidden": null }),
              h("span.trouble-body", {},
                h("span.trouble-head", {}, h("b", {}, application.namespace), h("span.where", {}, application.cluster)),
                h("span.sentence", { title: finding.message }, brief(finding.message)),
                finding.origin ? h("span.quiet.break", {}, finding.origin) : null,
              ),
              h("span.quiet.when", {}, time(finding.since, "since")),
            ),
          );
        }),
        all.length > MOST ? h("li.quiet.pad", { key: "more" }, t.fleet.more(all.length - MOST)) : null,
      ),
  );
}

function quotaPanel(name, version) {
  const { value, error } = remote(`/api/v1/tenants/${encodeURIComponent(name)}/quotas`, version);
  return h("section.panel", { "aria-label": t.tenants.quota },
    h("header", {}, h("h2", {}, t.tenants.quota)),
    error ? h("p.notice.tone-bad", {}, error.message)
      : !value ? loading()
      : value.items.length === 0 ? h("p.quiet.pad", {}, t.tenants.noQuota)
      : h("div.quotas.pad", {}, value.items.map((quota) => h("div.quota", { key: `${quota.cluster}/${quota.namespace}/${quota.name}/${quota.resource}` },
        h("div", {},
          h("b", {}, t.tenants.quotaNames[quota.resource] ?? quota.resource),
          quota.namespace ? h("span.quiet", {}, ` ${quota.namespace} · ${quota.cluster}`) : null,
        ),
        meter(quota.share, 1, t.tenants.of(quota.used, quota.hard)),
      ))),
  );
}
