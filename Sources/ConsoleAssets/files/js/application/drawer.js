// One object, beside the others: what it is, what is wrong, its manifest, difference, events and logs.

import { classes, h } from "../dom.js";
import { objectParts, time, webAddress } from "../format.js";
import { icon, kindIcon, stateBadge, stateIcon } from "../icons.js";
import { cutName, empty } from "../parts.js";
import { here, place } from "../router.js";
import { healthVerdict, syncVerdict } from "../states.js";
import { t } from "../strings.js";
import { objectActions } from "./actions.js";
import { diffView, eventsView, manifestOf, manifestView } from "./details.js";
import { logsView } from "./logs.js";
import { objectLink } from "./objects.js";

const withLogs = new Set(["Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"]);

export function drawer(detail) {
  const id = place.query.get("object");
  if (!id) return null;
  const object = detail.objects.get(id);
  const { kind, name } = objectParts(id);
  const close = here({ object: null, view: null, side: null });
  const view = place.query.get("view") ?? "summary";
  const views = ["summary", "manifest",
    object?.parent === null ? "diff" : null,
    "events",
    withLogs.has(kind) ? "logs" : null,
  ].filter(Boolean);
  return h("aside.drawer",
    {
      key: "drawer", "aria-label": `${kind} ${name}`,
      class: classes(view === "logs" || view === "manifest" ? "is-wide" : ""),
    },
    h("header", {},
      kindIcon(kind),
      h("div.drawer-title", {}, h("h2", { title: name }, name), h("span.quiet", {}, kind)),
      object ? stateBadge(object.verdict) : null,
      h("a.icon-button",
        { href: close, "data-escape": true, "aria-label": t.object.close, title: `${t.object.close} (Esc)` },
        icon("close"),
      ),
    ),
    h("nav.subtabs", { "aria-label": t.object.summary },
      views.map((one) => h("a",
        {
          key: one, href: objectLink(id, one === "summary" ? null : one),
          "aria-current": view === one ? "page" : null,
        },
        t.object[one],
      )),
    ),
    h("div.drawer-body", { key: `${id}/${view}` }, body(detail, id, object, view)),
  );
}

function body(detail, id, object, view) {
  switch (view) {
    case "manifest": {
      const side = place.query.get("side") === "desired" ? "desired" : "live";
      return [
        h("div.switch", { role: "group" },
          ["live", "desired"].map((one) => h("a",
            {
              key: one, href: here({ side: one === "live" ? null : one }),
              "aria-current": side === one ? "true" : null,
            },
            t.object[one],
          )),
        ),
        manifestView(detail, id, side),
      ];
    }
    case "diff": return diffView(detail, id);
    case "events": return eventsView(detail, id);
    case "logs": return logsView(detail, id);
    default: return object ? summary(detail, object) : detail.isLoading ? null : empty(t.object.noLive);
  }
}

function summary(detail, object) {
  const below = [...detail.objects.values()].filter((one) => one.parent === object.id).sort((one, other) => one.verdict.rank - other.verdict.rank || (one.name < other.name
    ? -1
    : 1));
  const owner = object.parent ? detail.objects.get(object.parent) : null;
  const manifests = manifestOf(detail, object.id).value;
  const conditions = manifests?.live?.status?.conditions;
  const findings = (detail.application?.findings ?? []).filter((finding) => finding.object === object.id);
  const others = (ids) => ids.map((one) => detail.objects.get(one)).filter(Boolean);
  const leadsTo = others(object.links ?? []);
  const reachedBy = [...detail.objects.values()].filter((one) => one.links?.includes(object.id));
  return [
    objectActions(detail, object),
    object.message
      ? h("p.notice", { class: `tone-${object.verdict.tone}` },
        stateIcon(object.verdict),
        h("span", {}, object.message),
      )
      : null,
    findings.filter((finding) => finding.message !== object.message).map((finding, index) => h("p.notice.tone-warn",
      { key: index },
      icon("alert"),
      h("span", {}, finding.message, finding.origin ? h("code.origin", {}, finding.origin) : null),
    )),
    manifests?.unevaluated
      ? h("p.notice.tone-warn", {}, icon("info"), h("span", {}, h("b", {}, t.object.celTitle), " ", t.object.celText))
      : null,
    h("dl.facts-list", {},
      object.summary ? fact(t.object.status, object.summary) : null,
      object.sync
        ? fact(t.object.sync, h("span.pair", {}, stateIcon(syncVerdict(object.sync)), syncVerdict(object.sync).word))
        : null,
      fact(t.object.health,
        h("span.pair", {},
          stateIcon(healthVerdict(object.health)),
          healthVerdict(object.health).word,
          h("span.quiet", {}, " ", t.since, " ", time(object.since, "since")),
        ),
      ),
      object.createdAt ? fact(t.object.created, time(object.createdAt)) : null,
      object.images.length
        ? fact(t.object.images, object.images.map((image) => h("code.break", { key: image }, image)))
        : null,
      manifests?.origin ? fact(t.object.origin, h("code.break", {}, manifests.origin)) : null,
      owner ? fact(t.object.owner, objectLine(owner)) : null,
      leadsTo.length ? fact(t.object.leadsTo, leadsTo.map((one) => h("div", { key: one.id }, objectLine(one)))) : null,
      reachedBy.length ? fact(t.object.reachedBy, reachedBy.map((one) => h("div", { key: one.id }, objectLine(one)))) : null,
      object.pages?.length
        ? fact(t.object.pages, object.pages.map((page) => (webAddress(page.url)
          ? h("a.break", { key: page.url, href: page.url, target: "_blank", rel: "noreferrer noopener" }, page.title || page.url)
          : h("span.break", { key: page.url }, `${page.title} ${page.url}`))))
        : null,
    ),
    Array.isArray(conditions) && conditions.length
      ? [h("h3", {}, t.object.conditions), h("ul.conditions", {}, conditions.slice(0, 40).map(condition))]
      : null,
    below.length
      ? [h("h3", {}, t.object.made),
        h("ul.below", {},
          below.slice(0, 60).map((one) => h("li", { key: one.id }, objectLine(one))),
          below.length > 60 ? h("li.quiet", {}, t.fleet.more(below.length - 60)) : null,
        ),
      ]
      : null,
  ];
}

/** A condition in words, as far as they are known; whether True is good depends on its name. */
function condition(one, index) {
  const isBadWhenTrue = /Pressure|Failure|Failed|Stalled|Unavailable|Conflict|Deprecated/i.test(String(one.type));
  const isGood = (one.status === "True") !== isBadWhenTrue;
  const known = one.status === "Unknown" ? null : t.conditions[one.type];
  return h("li", { key: index },
    icon(one.status === "Unknown" ? "question" : isGood ? "check" : "alert",
      { class: `state tone-${isGood ? "good" : "warn"}` },
    ),
    h("div", {},
      h("b", {}, known?.[one.status === "True" ? 0 : 1] ?? String(one.type)),
      h("span.quiet", {}, known && one.status !== "Unknown" ? ` · ${one.type}` : ` ${one.status}`, one.reason ? ` · ${one.reason}` : ""),
      one.message ? h("div.quiet", {}, String(one.message)) : null,
    ),
    one.lastTransitionTime ? h("span.quiet.when", {}, time(String(one.lastTransitionTime), "since")) : null,
  );
}

const fact = (name, value) => [h("dt", { key: `${name}/t` }, name), h("dd", { key: `${name}/d` }, value)];

const objectLine = (object) => h("a.object-line", { href: objectLink(object.id) },
  stateIcon(object.verdict, { label: object.verdict.word }),
  kindIcon(object.kind),
  cutName(object.name),
  h("span.quiet", {}, object.summary || object.kind),
);
