// What a commit would do before it is merged, application by application: the page that a CI job links to.

import { objectParts, repositoryName, short, time } from "../format.js";
import { fieldTable } from "../application/details.js";
import { h } from "../dom.js";
import { icon, kindIcon, stateIcon } from "../icons.js";
import { avatar, empty, failure, loading } from "../parts.js";
import { remote } from "../remote.js";
import { link } from "../router.js";
import { verdictNamed } from "../states.js";
import { store } from "../store.js";
import { t } from "../strings.js";

const actions = ["create", "update", "delete", "hold", "refuse", "hook"];
const MOST = 300;
const iso = (seconds) => new Date(seconds * 1000).toISOString();
const marks = { error: ["cross", "bad"], warning: ["alert", "warn"], info: ["info", "quiet"] };

export function plansPage() {
  const { value, error } = remote("/api/v1/plans", "");
  const title = t.plan.plans;
  if (!value) return { name: "plans", title, content: error ? error.status === 404 ? empty(error.message) : failure(error) : loading() };
  return {
    name: "plans", title,
    content: [h("h1", {}, title),
      value.items.length === 0
        ? empty(t.plan.none, t.plan.noneLong)
        : h("ul.rows.panel", { "data-rows": true }, value.items.map((plan) => h("li", { key: plan.id },
          h("a.trouble", { href: link.plan(plan.id), "data-row": true },
            avatar(plan.revision.author),
            h("span.trouble-body", {},
              h("span.trouble-head", {}, h("b.subject", {}, plan.revision.subject), h("span.sha", {}, short(plan.revision.commit))),
              h("span.quiet", {}, `${repositoryName(plan.repository)} · ${plan.reference} · ${t.plan.outcomes[plan.outcome] ?? plan.outcome}`),
            ),
            h("span.quiet.when", {}, time(iso(plan.madeAt), "since")),
          ),
        ))),
    ],
  };
}

export function planPage(id) {
  const { value: plan, error } = remote(`/api/v1/plans/${encodeURIComponent(id)}`, "");
  const title = t.plan.title;
  if (!plan) {
    return { name: "plan", title,
      content: error ? error.status === 404 ? empty(error.message, null, h("a.button", { href: "/plans" }, t.plan.plans)) : failure(error) : loading() };
  }
  return {
    name: "plan", title: `${title} ${short(plan.revision.commit)}`, key: `plan/${id}`,
    content: [
      h("nav.crumbs", { "aria-label": t.breadcrumb }, h("a", { href: "/plans" }, t.plan.plans), h("span", {}, repositoryName(plan.repository))),
      h("div.title", {}, h("h1.subject", {}, plan.revision.subject), h("span.badge", { class: `tone-${tones[plan.outcome] ?? "quiet"}` }, t.plan.outcomes[plan.outcome] ?? plan.outcome)),
      h("p.byline", {},
        avatar(plan.revision.author), h("bdi", {}, h("b", {}, plan.revision.author)),
        h("span.sha", { title: plan.revision.commit }, plan.revision.commit.slice(0, 12)),
        h("span.quiet", {}, plan.reference, plan.against.map((base) => ` → ${base.branch} ${short(base.commit)}`)),
        h("span.quiet", {}, t.plan.made, " ", time(iso(plan.madeAt))),
      ),
      h("p.notice.tone-quiet", {}, icon("info"), h("span", {}, t.plan.lede)),
      h("ul.plan-counts", {}, actions.filter((name) => plan.counts[name] > 0).map((name) => h("li", { key: name },
        h("span", { class: `action is-${name}` }, t.sync.actions[name]), " ", h("b", {}, plan.counts[name])))),
      plan.applications.length === 0 ? empty(t.plan.nothing, t.plan.unchanged(plan.unchanged)) : null,
      plan.applications.map((application) => section(application, plan.applications.length <= 8 && application.objects.length <= 20)),
      plan.applications.length && plan.unchanged ? h("p.quiet", {}, t.plan.unchanged(plan.unchanged)) : null,
    ],
  };
}

const tones = { nothing: "good", changes: "busy", refused: "bad", error: "bad", errors: "bad", refusals: "bad" };

function section(application, isOpen) {
  const isKnown = store.applications.has(application.id);
  return h("details.panel.plan", { key: application.id, open: isOpen || application.findings.length > 0 },
    h("summary", {},
      h("b", {}, application.namespace), h("span.where", {}, application.cluster),
      application.presence === "present" ? null : h("span.tag", {}, t.plan.presences[application.presence] ?? application.presence),
      h("span.grow"),
      actions.map((name) => {
        const n = application.objects.filter((object) => object.action === name).length;
        return n ? h("span", { key: name, class: `action is-${name}` }, `${n} ${t.sync.actions[name]}`) : null;
      }),
    ),
    isKnown ? h("p.pad", {}, h("a", { href: link.application(application.id) }, t.plan.open)) : null,
    application.notes.map((note, index) => h("p.quiet.pad", { key: index }, note)),
    application.findings.length
      ? h("ul.rows", {}, application.findings.map((finding, index) => {
        const [mark, tone] = marks[finding.severity] ?? marks.info;
        return h("li.finding", { key: index },
          icon(mark, { class: `state tone-${tone}`, role: "img", "aria-label": finding.severity, "aria-hidden": null }),
          h("div", {}, h("p", {}, finding.message), finding.origin ? h("div.origin", {}, icon("file"), h("code", {}, finding.origin)) : null),
        );
      }))
      : null,
    application.objects.length === 0 ? null : h("div.diffs.pad", {}, application.objects.slice(0, MOST).map((item) => {
      const { kind, name } = objectParts(item.object);
      return h("section.diff", { key: item.object },
        h("header", {},
          h("span", { class: `action is-${item.action}` }, t.sync.actions[item.action] ?? item.action),
          kindIcon(kind), h("b", {}, name), h("span.quiet", {}, kind), h("span.quiet", {}, item.reason),
        ),
        item.failure ? h("p.notice.tone-bad", {}, stateIcon(verdictNamed("failed")), item.failure) : null,
        fieldTable(item.fields),
      );
    }), application.objects.length > MOST ? h("p.quiet", {}, t.fleet.more(application.objects.length - MOST)) : null),
  );
}
