// One application: how it is and why, its objects, and what is being done about it.

import { askCommitPin, askHeld, askPause, askResume, askSync, askUnpin, heldDeletions } from "../application/actions.js";
import { diffView, eventsView } from "../application/details.js";
import { drawer } from "../application/drawer.js";
import { logsView } from "../application/logs.js";
import { objectLink, objectsView } from "../application/objects.js";
import { historyView, syncPanel } from "../application/sync.js";
import { timelineView } from "../application/timeline.js";
import { h } from "../dom.js";
import { absolute, objectParts, repositoryName, short, time, took, webAddress } from "../format.js";
import { icon, kindIcon, stateBadge } from "../icons.js";
import { brief } from "../messages.js";
import { commitLine, empty, failure, loading } from "../parts.js";
import { here, link, place } from "../router.js";
import { store } from "../store.js";
import { t } from "../strings.js";
import { rawSentence, sentence } from "./fleet.js";

const tabs = ["objects", "timeline", "diff", "events", "logs", "history"];

export function applicationPage(id) {
  const detail = store.detail?.id === id ? store.detail : null;
  const application = detail?.application ?? store.applications.get(id);
  const title = id;
  if (detail?.error && !application) {
    return {
      name: "application", title,
      content: detail.error.status === 404
        ? empty(detail.error.message, null, h("a.button", { href: "/applications" }, t.nav.applications))
        : failure(detail.error),
    };
  }
  if (!application || !detail) return { name: "application", title, content: loading() };
  const tab = tabs.find((one) => one === place.query.get("tab")) ?? "objects";
  return {
    name: "application", title, key: `application/${id}`,
    content: [heading(application, detail),
      interventions(application, detail.abilities),
      detail.isGone ? h("p.notice.tone-warn", {}, icon("bin"), t.app.gone) : null,
      h("div.application-body", { class: tab === "objects" && application.verdict.tone !== "good" ? "" : "is-closer" },
        h("div.application-main", {},
          h("nav.subtabs", { "aria-label": application.namespace },
            tabs.map((one) => h("a",
              {
                key: one, href: here({ tab: one === "objects" ? null : one }),
                "aria-current": tab === one ? "page" : null,
              },
              t.app.tabs[one],
              one === "objects" && detail.objects.size ? h("span.quiet", {}, ` ${detail.objects.size}`) : null,
            )),
          ),
          h("div.tab-body", { key: tab }, view(tab, detail) ?? loading()),
        ),
        h("div.application-side", {}, findings(application), syncPanel(detail.history[0]), source(application)),
      ),
      drawer(detail),
    ],
  };
}

function view(tab, detail) {
  switch (tab) {
    case "timeline": return timelineView(detail);
    case "diff": return diffView(detail);
    case "events": return eventsView(detail);
    case "logs": return logsView(detail);
    case "history": return historyView(detail);
    default: return objectsView(detail);
  }
}

function heading(application, detail) {
  const { verdict } = application;
  const said = (isTold(application) ? "" : sentence(application)) || (application.applied ? t.app.allGood(application.counts.total) : t.app.nothing);
  const held = heldDeletions(application);
  const isAhead = application.desired && application.desired.commit !== application.applied?.commit;
  const isRunning = application.sync === "Syncing" || detail.history[0]?.result === "running" && !detail.history[0]?.appliedAt;
  return h("header.application-head", { class: `tone-edge-${verdict.tone}` },
    h("nav.crumbs", { "aria-label": t.breadcrumb },
      h("a", { href: link.tenant(application.tenant) }, application.tenant),
      h("a", { href: link.cluster(application.cluster) }, application.cluster),
    ),
    h("div.application-title", {},
      h("h1", { title: application.id }, application.namespace),
      stateBadge(verdict),
      h("span.grow"),
      held.length
        ? [!detail.abilities.has("approve") ? null : h("button.button.held", { key: "approve", type: "button", onclick: () => askHeld(application, true) },
          icon("lock"),
          t.app.approve,
          h("b", {}, held.length),
        ), detail.abilities.has("refuse")
          ? h("button.button", { key: "refuse", type: "button", onclick: () => askHeld(application, false) }, t.app.refuse)
          : null]
        : null,
      detail.abilities.has("pause") && !application.pause
        ? h("button.button", { key: "pause", type: "button", onclick: () => askPause(application) }, icon("pause"), t.app.pause)
        : null,
      detail.abilities.has("sync")
        ? h("button.button.primary", { key: "sync", type: "button", onclick: () => askSync(application.id), disabled: isRunning },
          icon("arrows", { class: isRunning ? "spins" : "" }),
          isRunning ? t.app.syncing : t.app.sync,
        )
        : null,
    ),
    h("p.application-said", { title: rawSentence(application), class: verdict.tone === "good" ? "quiet" : "" },
      said,
      h("span.quiet", {}, " · ", time(application.since, "since")),
    ),
    h("div.application-facts", {},
      h("div.fact-commit", {},
        h("span.label", {}, isAhead ? t.app.desired : t.app.commit),
        commitLine(isAhead ? application.desired : application.applied),
      ),
      isAhead && application.applied
        ? h("div.fact-commit", {}, h("span.label", {}, t.app.running), commitLine(application.applied))
        : null,
      h("div.moments", {},
        moment(t.app.applied, application.appliedAt, null),
        moment(t.app.healthy,
          application.healthyAt && application.appliedAt && application.healthyAt >= application.appliedAt
            ? application.healthyAt
            : null,
          application.appliedAt,
        ),
      ),
    ),
  );
}

function moment(word, at, from) {
  return h("div.moment", { class: at ? "is-done" : "" },
    h("span.label", {}, word),
    at
      ? [time(at), from ? h("span.quiet", {}, ` ${t.app.appliedIn(took(from, at))}`) : null]
      : h("span.quiet", {}, t.app.notYet),
  );
}

/** What people decided that holds it: a pin, a pause. */
function interventions(application, abilities) {
  const { pin, pause } = application;
  return [
    pin ? h("div.notice.tone-held", { key: "pin" },
      icon("pin"),
      h("div.grow", {},
        h("b", {}, t.app.pinned(short(pin.commit), pin.person)),
        h("span.quiet", {}, ` · ${t.app.pinUntil} ${absolute(pin.expiresAt)}`),
        h("div.subject", {}, pin.reason),
      ),
      abilities.has("pin")
        ? [h("button.button.small", { key: "commit", type: "button", onclick: () => askCommitPin(application) }, t.app.commitPin),
          h("button.button.small", { key: "unpin", type: "button", onclick: () => askUnpin(application) }, t.app.unpin)]
        : null,
    ) : null,
    pause ? h("div.notice.tone-held", { key: "pause" },
      icon("pause"),
      h("div.grow", {},
        h("b", {}, t.app.paused(pause.person)),
        h("span.quiet", {}, " · ", time(pause.since)),
        h("div.subject", {}, pause.reason),
      ),
      abilities.has("pause") ? h("button.button.small", { type: "button", onclick: () => askResume(application) }, t.app.resume) : null,
    ) : null,
  ];
}

/** Whether its sentence is that of its pin or pause, which has a banner. */
const isTold = ({ pin, pause, verdict, message }) => Boolean((pin || pause) && message && (verdict.tone === "good" || verdict.tone === "quiet"));

function findings(application) {
  const shown = application.findings.filter((finding) => !(finding.severity === "info" && finding.message === application.message && isTold(application)));
  return shown.length === 0 ? null : findingsPanel({ ...application, findings: shown });
}

function findingsPanel(application) {
  return h("section.panel.findings", { "aria-label": t.app.findings },
    h("header", {},
      h("h2", {}, t.app.findings),
      h("span.count", { class: `tone-${worst(application.findings)}` }, application.findings.length),
    ),
    h("ul.rows", {},
      application.findings.slice(0, 50).map((finding, index) => {
        const tone = tones[finding.severity] ?? "quiet";
        const object = finding.object ? objectParts(finding.object) : null;
        return h("li.finding", { key: `${finding.code}/${finding.object}/${index}` },
          icon(finding.severity === "error" ? "cross" : finding.severity === "warning" ? "alert" : "info",
            { class: `state tone-${tone}`, role: "img", "aria-label": finding.severity, "aria-hidden": null },
          ),
          h("div", {},
            h("p", { title: finding.message }, brief(finding.message)),
            finding.origin ? h("div.origin", {}, icon("file"), h("code", {}, finding.origin)) : null,
            finding.field ? h("div.origin", {}, icon("chevron"), h("code", {}, finding.field)) : null,
            object
              ? h("a.step-object", { href: objectLink(finding.object) },
                kindIcon(object.kind),
                `${object.kind} ${object.name}`,
              )
              : null,
          ),
        );
      }),
    ),
  );
}

const tones = { error: "bad", warning: "warn", info: "quiet" };
const worst = (all) => (all.some((one) => one.severity === "error") ? "bad" : all.some((one) => one.severity === "warning") ? "warn" : "quiet");

function source(application) {
  const address = webAddress(application.repository);
  return h("section.panel.source", {},
    h("dl.facts-list", {},
      h("dt", {}, t.app.repository),
      h("dd", {},
        address
          ? h("a", { href: address, target: "_blank", rel: "noreferrer noopener" },
            repositoryName(application.repository),
          )
          : h("span", { title: application.repository }, repositoryName(application.repository)),
        h("span.quiet", {}, ` · ${application.branch}`),
      ),
      h("dt", {}, t.app.path),
      h("dd", {}, h("code.break", {}, application.path)),
      application.tool
        ? [h("dt", { key: "tool" }, t.app.tool), h("dd", { key: "tool-name" }, application.tool)]
        : null,
    ),
  );
}
