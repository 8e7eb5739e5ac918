// Times, durations, commits and other small texts.

import { h } from "./dom.js";
import { t } from "./strings.js";

const MINUTE = 60, HOUR = 3600, DAY = 86400;

/** `12 s`, `4 min`, `3 h`, `2 d`: one unit, for scanning. */
export function span(seconds) {
  const s = Math.max(0, seconds);
  if (s < MINUTE) return `${Math.floor(s)} ${t.units.s}`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} ${t.units.min}`;
  if (s < 2 * DAY) return `${Math.floor(s / HOUR)} ${t.units.h}`;
  return `${Math.floor(s / DAY)} ${t.units.d}`;
}

const tenths = new Intl.NumberFormat(t.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `190 ms`, `8.2 s`, `2 min 5 s`: for how long something took. */
export function took(from, to) {
  const s = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 10) return `${tenths.format(s)} ${t.units.s}`;
  if (s < MINUTE) return `${Math.round(s)} ${t.units.s}`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} ${t.units.min} ${Math.round(s % MINUTE)} ${t.units.s}`;
  return `${Math.floor(s / HOUR)} ${t.units.h} ${Math.floor(s % HOUR / MINUTE)} ${t.units.min}`;
}

export function since(text) {
  const seconds = (Date.now() - Date.parse(text)) / 1000;
  return seconds < 2 ? t.justNow : span(seconds);
}

export function ago(text) {
  const seconds = (Date.now() - Date.parse(text)) / 1000;
  return seconds < 2 ? t.justNow : t.ago(span(seconds));
}

// Made once: making one takes longer than a thousand uses of it.
const dates = new Intl.DateTimeFormat(t.locale, { dateStyle: "medium", timeStyle: "medium" });
const clocks = new Intl.DateTimeFormat(t.locale, { timeStyle: "medium" });
const MOST = 4_000;
/** @type {Map<string, string>} */
const written = new Map();

export function absolute(text) {
  let known = written.get(text);
  if (known === undefined) {
    const date = new Date(text);
    known = Number.isNaN(date.getTime()) ? String(text) : dates.format(date);
    if (written.size >= MOST) written.clear();
    written.set(text, known);
  }
  return known;
}

/** The time of day, for something that began a short while ago. */
export const clock = (text) => clocks.format(new Date(text));

/** A `<time>` that keeps itself current; `form` is `since` or `ago`. */
export function time(text, form = "ago") {
  if (!text) return null;
  return h("time", { datetime: text, title: absolute(text), "data-form": form },
    form === "since" ? since(text) : ago(text),
  );
}

/** Brings every `<time>` on the page up to date without a render. */
export function refreshTimes() {
  for (const el of document.querySelectorAll("time")) {
    if (!el.dataset.form) continue;
    const text = el.dataset.form === "since" ? since(el.dateTime) : ago(el.dateTime);
    if (el.firstChild && el.firstChild.nodeValue !== text) el.firstChild.nodeValue = text;
  }
}

export const short = (commit) => commit.slice(0, 7);

/** `kart-apps` from any spelling of a repository's address. */
export function repositoryName(url) {
  return url.replace(/\/+$/, "").split(/[/:]/).pop().replace(/\.git$/, "");
}

/** A web address for what can be one; others are only shown. */
export const webAddress = (url) => (/^https?:\/\/[^@\s]+$/.test(url) ? url.replace(/\.git$/, "") : null);

/** `Deployment` and `web` from `apps/Deployment:kart-web/web`. */
export function objectParts(id) {
  const colon = id.indexOf(":");
  const kind = id.slice(0, colon).split("/").pop();
  return { kind, name: id.slice(colon + 1).split("/").pop() };
}

export const initials = (name) =>
  name.replace(/\[.*\]/, "").trim().split(/[\s.-]+/).filter(Boolean).map((part) => [...part][0]).slice(0, 2).join("").toUpperCase();

/** A number of 0..5 for a name, for the tint of an avatar. */
export function tint(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return sum % 6;
}

const numbers = new Intl.NumberFormat(t.locale, { maximumFractionDigits: 1 });
export const decimal = (number) => numbers.format(number);

/** `3.5 GiB` */
export function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  for (; number >= 1024 && at < units.length - 1; at += 1) number /= 1024;
  return `${numbers.format(number)} ${units[at]}`;
}
