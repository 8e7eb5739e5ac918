// Pieces that several pages show.

import { classes, h } from "./dom.js";
import { decimal, initials, short, time, tint } from "./format.js";
import { stateIcon } from "./icons.js";
import { link } from "./router.js";
import { verdictNames, verdictNamed } from "./states.js";
import { isFresh } from "./store.js";
import { t } from "./strings.js";

export const avatar = (name) => h("span.avatar", { class: `tint-${tint(name)}`, title: name, "aria-hidden": "true" },
  initials(name),
);

/** A name that is cut in its middle when there is no room: the ends of names of one family are what differs. */
export function cutName(name) {
  const at = name.length > 20 ? name.length - 11 : name.length;
  return h("b.cut-name", { title: name }, h("span", {}, name.slice(0, at)), h("span", {}, name.slice(at)));
}

/** A commit in one line: who, what, which, when. */
export function commitLine(revision, { when = true, linked = true } = {}) {
  if (!revision) return h("span.quiet", {}, "–");
  return h("span.commit-line", {},
    avatar(revision.author),
    h("span.subject", { title: revision.subject }, revision.subject),
    linked ? commitLink(revision.commit) : h("span.sha", { title: revision.commit }, short(revision.commit)),
    when ? h("span.quiet", {}, h("bdi", {}, revision.author), " · ", time(revision.time)) : null,
  );
}

export const commitLink = (commit) => h("a.sha", { href: link.commit(commit), title: commit }, short(commit));

/** An application as a chip: icon and name, or the icon alone. */
export function chip(application, { bare = false } = {}) {
  const { verdict } = application;
  const title = `${application.namespace} · ${verdict.word}${application.message ? `\n${application.message}` : ""}`;
  return h(bare ? "a.chip.bare" : "a.chip",
    {
      key: application.id, href: link.application(application.id), title,
      class: classes(`tone-${verdict.tone}`, isFresh(application) && "is-fresh"),
      "aria-label": `${application.namespace}: ${verdict.word}`,
    },
    stateIcon(verdict),
    bare ? null : h("span", {}, application.namespace),
  );
}

/**
 * How many of a set are in which state, worst first.
 * @returns {[Verdict, number][]}
 */
export function tally(applications) {
  const numbers = new Map();
  for (const { verdict } of applications) numbers.set(verdict.name, (numbers.get(verdict.name) ?? 0) + 1);
  return verdictNames.filter((name) => numbers.has(name)).map((name) => [verdictNamed(name), numbers.get(name) ?? 0]);
}

/** A bar whose parts are as long as there are applications in each state. */
export function tallyBar(numbers) {
  const total = numbers.reduce((sum, [, number]) => sum + number, 0);
  const text = numbers.map(([verdict, number]) => `${number} ${verdict.word}`).join(", ");
  return h("div.tally-bar", { role: "img", "aria-label": text || t.fleet.empty, title: text },
    [...numbers].reverse().map(([verdict, number]) => h("i",
      { key: verdict.name, class: `fill-${verdict.tone}`, style: { "flex-grow": String(number / total) } },
    )),
  );
}

export const tallyWords = (numbers, to) => h("ul.tally", {},
  numbers.map(([verdict, number]) => h("li", { key: verdict.name },
    h("a", { href: to(verdict.name), class: `tone-${verdict.tone}` },
      stateIcon(verdict),
      h("b", {}, decimal(number)),
      h("span", {}, verdict.word),
    ),
  )),
);

export const empty = (title, text, action) => h("div.empty", {},
  h("h2", {}, title),
  text ? h("p", {}, text) : null,
  action ?? null,
);

export const loading = () => h("div.loading", { role: "status" },
  h("i.spinner", { "aria-hidden": "true" }),
  t.loading,
);

export const failure = (error, again) => h("div.empty.is-error", { role: "alert" }, h("p", {}, error.message),
  again ? h("button.button", { type: "button", onclick: again }, t.tryAgain) : null);

/** How much of something is taken, as a bar with its words; beyond what there is it says so by its tone. */
export const meter = (part, whole, text) => h("div.meter", { class: whole > 0 && part / whole > 0.9 ? "is-full" : "" },
  h("div.meter-bar", { "aria-hidden": "true" }, h("i", { style: { width: `${whole > 0 ? Math.min(100, part / whole * 100) : 0}%` } })),
  h("span.meter-text", {}, text),
);
