// One commit's journey: seen, rendered, planned, applied, healthy, in every cluster it touches; who, what message, which files, what it removed.

import { classes, h } from "../dom.js";
import { absolute, clock, objectParts, repositoryName, short, time, took } from "../format.js";
import { icon, kindIcon, stateBadge } from "../icons.js";
import { avatar, empty, failure, loading, tally, tallyBar } from "../parts.js";
import { remote } from "../remote.js";
import { link } from "../router.js";
import { generation, store } from "../store.js";
import { t } from "../strings.js";
import { sentence } from "./fleet.js";

const phases = ["seen", "rendered", "planned", "applied", "healthy"];
const unrendered = new Set(["sourceUnreadable", "renderFailed", "settingsInvalid"]);

export function commitPage(commit) {
  const title = `${t.commit.title} ${short(commit)}`;
  if (!store.isLoaded) return { name: "commit", title, content: loading() };
  const isThis = (revision) => revision?.commit.startsWith(commit) ?? false;
  const now = [...store.applications.values()].filter((one) => isThis(one.desired) || isThis(one.applied));
  const { value, error } = remote(`/api/v1/commits/${commit}`, generation);
  if (!value && now.length === 0) return {
    name: "commit", title,
    content: error && error.status !== 404 ? failure(error)
      : error ? empty(t.commit.none, error.message, h("a.button", { href: "/" }, t.backToFleet)) : loading(),
  };
  const syncs = new Map();
  for (const sync of value?.syncs ?? []) if (!syncs.has(sync.application)) syncs.set(sync.application, sync);
  const former = [...syncs.keys()].filter((id) => !now.some((one) => one.id === id)).flatMap((id) => store.applications.get(id) ?? []);
  const first = now[0];
  const revision = value?.details?.revision ?? (first ? isThis(first.desired) ? first.desired : first.applied : value.syncs[0].revision);
  now.sort((one, other) => one.verdict.rank - other.verdict.rank || (one.id < other.id ? -1 : 1));
  const removed = (value?.syncs ?? []).flatMap((sync) => sync.removed.map((object) => ({ object, application: sync.application })));
  const message = value?.details?.message.slice(revision.subject.length).trim();
  return {
    name: "commit", title, key: `commit/${commit}`,
    content: [
      h("nav.crumbs", { "aria-label": t.breadcrumb },
        h("a", { href: "/" }, t.nav.fleet),
        h("span", {}, repositoryName(value?.repository ?? first?.repository ?? "")),
      ),
      h("div.title", {}, h("h1.subject", {}, revision.subject)),
      h("p.byline", {},
        avatar(revision.author),
        h("bdi", {}, h("b", {}, revision.author)),
        h("span.sha", { title: revision.commit }, revision.commit.slice(0, 12)),
        h("span.quiet", {}, time(revision.time)),
      ),
      message ? h("pre.commit-message", {}, message) : null,
      now.length ? h("section.summary", {}, tallyBar(tally(now))) : null,
      h("section.panel", {},
        h("header", {}, h("h2", {}, t.commit.applications), h("span.quiet", {}, t.commit.lede(now.length + former.length))),
        h("ul.rows", { "data-rows": true },
          now.map((application) => journey(application, syncs.get(application.id), isThis)),
          former.map((application) => journey(application, syncs.get(application.id), isThis)),
        ),
      ),
      h("div.split", {},
        h("section.panel", { "aria-label": t.commit.files },
          h("header", {}, h("h2", {}, t.commit.files), value?.details ? h("span.count", {}, value.details.files.length) : null),
          !value ? loading() : value.details
            ? h("ul.rows.files", {}, value.details.files.map((file) => h("li", { key: file }, icon("file"), h("code.break", {}, file))))
            : h("p.quiet.pad", {}, t.commit.notKnown),
        ),
        h("section.panel", { "aria-label": t.commit.removed },
          h("header", {}, h("h2", {}, t.commit.removed), removed.length ? h("span.count.tone-warn", {}, removed.length) : null),
          removed.length === 0
            ? h("p.quiet.pad", {}, t.commit.nothingRemoved)
            : h("ul.rows.files", {}, removed.slice(0, 100).map(({ object, application }) => {
              const { kind, name } = objectParts(object);
              return h("li", { key: `${application}/${object}` }, kindIcon(kind), h("b", {}, name), h("span.quiet", {}, kind, " · ", application));
            })),
        ),
      ),
    ],
  };
}

/**
 * One application's way: which phases it has come to and after how long, where it stopped.
 * @param {Application} application
 * @param {Sync | undefined} sync
 */
function journey(application, sync, isThis) {
  const isApplied = isThis(application.applied);
  const isWanted = isThis(application.desired);
  const isPast = !isApplied && !isWanted;
  const stopped = application.findings.some((finding) => unrendered.has(finding.code)) ? "rendered"
    : application.sync === "Refused" ? "planned" : application.sync === "Failed" ? "applied" : null;
  const { appliedAt, healthyAt } = application;
  /** @type {{ [phase: string]: string | null | undefined }} */
  const at = {
    seen: sync?.seenAt ?? sync?.startedAt ?? (isApplied ? appliedAt : application.since),
    rendered: sync?.renderedAt, planned: sync?.startedAt,
    applied: sync?.appliedAt ?? (isApplied ? appliedAt : null),
    healthy: isApplied && healthyAt && appliedAt && healthyAt >= appliedAt ? healthyAt : null,
  };
  const reached = phases.findLastIndex((name) => name === "seen" || at[name]);
  return h("li", { key: application.id },
    h("a.journey", { href: link.application(application.id), "data-row": true },
      h("span.journey-name", {}, h("b", {}, application.namespace), h("span.where", {}, application.cluster)),
      isPast ? h("span.badge.tone-quiet", {}, t.commit.was) : stateBadge(application.verdict),
      h("ol.phases", {}, phases.map((name, index) => {
        const isStopped = !isPast && isWanted && !isApplied && stopped === name;
        const isDone = index <= reached && !isStopped;
        const when = at[name];
        return h("li", { key: name, class: classes(isDone && "is-done", isStopped && "is-stopped") },
          icon(isStopped ? "cross" : isDone ? "check" : "circle", { class: `state tone-${isStopped ? "bad" : isDone ? "good" : "quiet"}` }),
          h("span", {}, t.commit.phases[name]),
          when && isDone ? h("span.quiet", { title: absolute(when) }, index === 0 ? clock(when) : t.timeline.after(took(at.seen, when))) : null,
        );
      })),
      isPast ? null : h("span.sentence", {}, sentence(application) || (isApplied ? "" : t.commit.waiting)),
    ),
  );
}
