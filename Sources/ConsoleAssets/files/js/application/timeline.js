// The current sync, or the last one, as it happened: what each object went through, and what is awaited since when.

import { classes, h } from "../dom.js";
import { objectParts, span, time, took } from "../format.js";
import { kindIcon } from "../icons.js";
import { brief } from "../messages.js";
import { commitLine, empty } from "../parts.js";
import { t } from "../strings.js";
import { windowed } from "../windowed.js";
import { objectLink } from "./objects.js";
import { mark, marks, resultOf, results } from "./sync.js";

const list = windowed({ row: () => (innerWidth < 720 ? 58 : 36) });
const over = new Set(["healthy", "failed", "skipped"]);
/** @type {{ steps: Step[] | null, rows: Step[] }} */
let kept = { steps: null, rows: [] };

export function timelineView(detail) {
  const sync = detail.history[0];
  if (!sync) return detail.isLoading ? null : empty(t.timeline.none);
  const isRunning = sync.result === "running";
  const rows = ordered(sync);
  const awaited = isRunning ? rows.filter((step) => step.state === "waiting" || step.state === "applying") : [];
  const moving = rows.filter((step) => step.action !== "none");
  const end = Math.max(Date.parse(sync.finishedAt ?? 0) || 0, ...moving.map((step) => Date.parse(step.since)), isRunning ? Date.now() : 0);
  const begin = Date.parse(sync.startedAt);
  const scale = { begin, length: Math.max(1, end - begin) };
  return h("div.timeline", {},
    h("div.timeline-head", {},
      mark(results[resultOf(sync)] ?? results.running),
      h("div.grow", {},
        h("div", {},
          h("b", {}, t.sync.causes[sync.cause] ?? sync.cause),
          h("span.quiet", {}, ` · #${sync.number} · ${t.sync.results[resultOf(sync)] ?? sync.result} · `, time(sync.startedAt)),
        ),
        commitLine(sync.revision),
      ),
      h("dl.timeline-marks", {},
        phase(t.app.applied, sync.startedAt, sync.appliedAt),
        phase(t.timeline.done, sync.startedAt, sync.finishedAt),
      ),
    ),
    awaited.length
      ? h("section.awaited", { "aria-label": t.timeline.awaited },
        h("h2", {}, t.timeline.waits, " ", t.timeline.waitsFor(awaited.length)),
        h("ul", {}, awaited.slice(0, 6).map((step) => {
          const { kind, name } = objectParts(step.object);
          return h("li", { key: step.object },
            kindIcon(kind), h("a.step-object", { href: objectLink(step.object) }, h("b", {}, name)),
            h("span", {}, brief(step.message)),
            h("span.quiet", {}, t.since, " ", time(step.since, "since")),
          );
        })),
      )
      : null,
    moving.length === 0
      ? h("p.quiet.pad", {}, t.sync.unchanged(rows.length))
      : h("div.steps-table", { role: "table", "aria-label": t.app.tabs.timeline, "aria-rowcount": moving.length },
        h("div.steps-head", { role: "row" },
          h("span", { role: "columnheader" }, t.timeline.step), h("span", { role: "columnheader" }, t.timeline.state),
          h("span", { role: "columnheader" }, t.timeline.when),
        ),
        list.render(moving, (step) => row(step, scale), { inner: { role: "rowgroup" } }),
      ),
  );
}

const phase = (word, from, at) => h("div", {}, h("dt", {}, word), h("dd", {}, at ? t.timeline.after(took(from, at)) : t.app.notYet));

/** As they began; made again only when the sync changed. */
function ordered(sync) {
  if (kept.steps !== sync.steps) {
    kept = { steps: sync.steps, rows: [...sync.steps ?? []].sort((one, other) => (began(one) < began(other) ? -1 : began(one) > began(other) ? 1 : 0)) };
  }
  return kept.rows;
}

/** What has not begun comes last. */
const began = (step) => step.trail?.find((moment) => moment.state !== "planned")?.since ?? (step.state === "planned" ? "~" : step.since);

function row(step, { begin, length }) {
  const { kind, name } = objectParts(step.object);
  const trail = step.trail ?? [{ state: step.state, since: step.since, message: step.message }];
  const end = over.has(step.state) || step.state === "applied" && step.action === "delete" ? null : begin + length;
  const said = trail.map((moment) => `${t.sync.states[moment.state] ?? moment.state} ${t.timeline.after(span((Date.parse(moment.since) - begin) / 1_000))}${moment.message ? `: ${moment.message}` : ""}`);
  const bars = trail.map((moment, index) => {
    const from = Date.parse(moment.since);
    const to = trail[index + 1] ? Date.parse(trail[index + 1].since) : end ?? from;
    return h("i", {
      key: index, class: `fill-${(marks[moment.state] ?? marks.planned)[1]} is-${moment.state}`,
      style: { left: `${Math.min(98.6, Math.max(0, (from - begin) / length * 100))}%`, width: `${Math.max(0.4, (to - from) / length * 100)}%` },
    });
  });
  return h("div.steps-row", { key: step.object, role: "row", class: classes(`is-${step.state}`) },
    h("span.steps-name", { role: "cell" },
      kindIcon(kind), h("a.step-object", { href: objectLink(step.object), "data-row": true, title: `${kind} ${name}` }, name),
    ),
    h("span.steps-state", { role: "cell", title: step.message },
      mark(step.state === "skipped" ? ["pause", "quiet"] : marks[step.state] ?? marks.planned),
      h("span", {}, step.state === "skipped" ? t.sync.skipped : t.sync.states[step.state] ?? step.state),
      step.message ? h("span.quiet.step-said", { class: step.state === "failed" ? "tone-bad" : "" }, brief(step.message)) : null,
    ),
    h("span.steps-when", { role: "cell", title: said.join("\n") },
      h("span.steps-bar", { role: "img", "aria-label": said.join(", ") }, bars),
      h("span.quiet", {}, step.state === "planned" ? "" : t.timeline.after(took(new Date(begin).toISOString(), end === null ? step.since : new Date(end).toISOString()))),
    ),
  );
}
