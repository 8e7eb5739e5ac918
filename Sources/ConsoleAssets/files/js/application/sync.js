// A sync, step by step: what is done to each object, what is awaited, and since when.

import { classes, h } from "../dom.js";
import { objectParts, time, took } from "../format.js";
import { icon, kindIcon } from "../icons.js";
import { brief } from "../messages.js";
import { commitLine, empty } from "../parts.js";
import { remote } from "../remote.js";
import { applicationPath } from "../api.js";
import { t } from "../strings.js";
import { askPin } from "./actions.js";
import { objectLink } from "./objects.js";

export const marks = {
  planned: ["circle", "quiet"], applying: ["arrows", "busy"], applied: ["dot", "busy"], waiting: ["ring", "busy"],
  healthy: ["check", "good"], failed: ["cross", "bad"], skipped: ["check", "quiet"],
};
export const results = {
  running: ["ring", "busy"], succeeded: ["check", "good"], failed: ["cross", "bad"], superseded: ["arrows", "quiet"],
  interrupted: ["pause", "warn"], unwell: ["alert", "bad"],
};
/** What came of a sync, in the eyes of a person: what was applied and is not well has not succeeded. */
export const resultOf = (sync) => (sync.result === "succeeded" && sync.steps?.some((step) => step.state === "failed") ? "unwell" : sync.result);
const MOST = 120;

/** @param {string[]} look */
export const mark = ([name, tone]) => icon(name,
  { class: `state tone-${tone}${name === "ring" || name === "arrows" && tone === "busy" ? " spins" : ""}` },
);

/** The current or last sync, for the side of the page. */
export function syncPanel(sync) {
  if (!sync) return h("section.panel.sync", {},
    h("header", {}, h("h2", {}, t.app.sync_.last)),
    h("p.quiet.pad", {}, t.app.noSync),
  );
  const isRunning = sync.result === "running";
  return h("section.panel.sync",
    { class: classes(isRunning && "is-running"), "aria-label": isRunning ? t.app.sync_.running : t.app.sync_.last },
    h("header", {},
      h("h2", {}, isRunning ? t.app.sync_.running : t.app.sync_.last),
      h("span.quiet", {}, `#${sync.number}`),
    ),
    h("div.sync-head", {},
      mark(results[resultOf(sync)] ?? results.running),
      h("div", {},
        h("b", {}, t.sync.causes[sync.cause] ?? sync.cause),
        retries(sync),
        h("span.quiet", {}, " · ", isRunning ? time(sync.startedAt) : t.sync.results[resultOf(sync)] ?? sync.result),
        h("div.quiet", {}, outcome(sync)),
      ),
    ),
    sync.message ? h("p.sync-message", {}, sync.message) : null,
    steps(sync),
  );
}

/** How often it was tried again, where it was. */
const retries = (sync) => (sync.retries > 0 ? h("span.quiet", {}, ` · ${t.sync.retries(sync.retries)}`) : null);

function outcome(sync) {
  const sum = t.sync.sum(sync.created, sync.updated, sync.deleted) || (sync.result === "failed" ? t.sync.undone : t.sync.still);
  if (sync.finishedAt) return [sum, " ",
    t.sync.took(took(sync.startedAt, sync.finishedAt)),
    " · ",
    time(sync.finishedAt),
  ];
  return sync.appliedAt ? [sum, " ", t.sync.took(took(sync.startedAt, sync.appliedAt))] : sum;
}

function steps(sync) {
  const all = sync.steps ?? [];
  const moving = all.filter((step) => step.action !== "none");
  const still = all.length - moving.length;
  const shown = moving.length > MOST
    ? [...moving].sort((one, other) => weight(one) - weight(other)).slice(0, MOST)
    : moving;
  return h("ol.steps-list", {},
    shown.map((step) => {
      const { kind, name } = objectParts(step.object);
      const isDone = step.state === "applied" && step.action === "delete";
      const word = step.state === "skipped"
        ? t.sync.skipped
        : isDone
        ? t.sync.deleted
        : t.sync.states[step.state] ?? step.state;
      return h("li", { key: `${step.action}/${step.object}`, class: `is-${step.state}` },
        mark(isDone
          ? marks.healthy
          : step.state === "skipped"
          ? ["pause", "quiet"]
          : marks[step.state] ?? marks.planned),
        h("div", {},
          h("a.step-object", { href: objectLink(step.object) }, kindIcon(kind), h("b", {}, name)),
          h("span.quiet", {},
            `${t.sync.actions[step.action] ?? step.action} ${kind} · ${word} `,
            time(step.since, "since"),
          ),
          step.message
            ? h("div.step-message", { class: step.state === "failed" ? "tone-bad" : "quiet", title: step.message },
              brief(step.message),
            )
            : null,
        ),
      );
    }),
    moving.length > shown.length
      ? h("li.is-skipped", { key: "#more" },
        icon("dot", { class: "state tone-quiet" }),
        h("div.quiet", {}, t.fleet.more(moving.length - shown.length)),
      )
      : null,
    still > 0
      ? h("li.is-skipped", { key: "#still" }, mark(marks.skipped), h("div.quiet", {}, t.sync.unchanged(still)))
      : null,
  );
}

const weight = (step) => ["failed", "waiting", "applying", "planned", "applied", "healthy", "skipped"].indexOf(step.state);

/** All syncs that are kept, newest first, and what people asked for. */
export function historyView(detail) {
  if (detail.history.length === 0 && detail.isLoading) return null;
  const { application } = detail;
  const ran = application?.applied?.commit;
  const mayPin = (sync, index) => detail.abilities.has("pin") && sync.revision && sync.revision.commit !== ran
    && detail.history.findIndex((one) => one.revision?.commit === sync.revision.commit) === index;
  return [people(detail),
    detail.history.length === 0 ? empty(t.app.noHistory) : null,
    h("ol.history", {},
      detail.history.map((sync, index) => h("li", { key: sync.number },
        h("details", { open: null },
          h("summary", {},
            mark(results[resultOf(sync)] ?? results.running),
            h("span.history-what", {},
              h("b", {}, t.sync.causes[sync.cause] ?? sync.cause),
              retries(sync),
              h("span.quiet", {}, ` · ${t.sync.results[resultOf(sync)] ?? sync.result}`),
              sync.person ? h("span.quiet", {}, ` · ${t.app.by} ${sync.person}`) : null,
              sync.message ? h("span.quiet", {}, ` · ${sync.message}`) : null,
              h("div.quiet", {}, outcome(sync)),
            ),
            h("span.history-commit", {}, commitLine(sync.revision, { when: false, linked: false })),
            h("span.quiet.when", {}, `#${sync.number} · `, time(sync.startedAt)),
          ),
          mayPin(sync, index)
            ? h("p.pad", {}, h("button.button.small", { type: "button", onclick: () => askPin(application, sync.revision) },
              icon("pin"), t.app.pinDo))
            : null,
          steps(sync),
        ),
      )),
    ),
  ];
}

/** Who asked for what, done or not. */
function people(detail) {
  const { value } = remote(`${applicationPath(detail.id)}/audit`, `${detail.generation}/${detail.application?.sequence}`);
  if (!value || value.items.length === 0) return null;
  return h("details.people", { open: true },
    h("summary", {}, h("b", {}, t.app.people), h("span.count", {}, value.items.length)),
    h("ol.events", {},
      value.items.slice(0, 50).map((entry, index) => h("li", { key: `${entry.time}/${index}` },
        icon(entry.failure ? "cross" : "check", { class: `state tone-${entry.failure ? "bad" : "quiet"}` }),
        h("div", {},
          h("b", {}, entry.person), " · ",
          t.actions.names[entry.action] ?? entry.action,
          entry.object ? [" ", h("a.step-object", { href: objectLink(entry.object) }, objectParts(entry.object).name)] : null,
          entry.detail ? h("span.quiet", {}, ` ${entry.detail}`) : null,
          entry.failure ? h("div.tone-bad", {}, `${t.app.notDone}: ${entry.failure}`) : null,
        ),
        h("span.quiet.when", {}, time(entry.time)),
      )),
    ),
  );
}
