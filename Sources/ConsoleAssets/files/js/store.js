// What the console knows. Views read it; `changed()` asks for a render.

import { needsAttention, verdictOf } from "./states.js";

const FLASH = 1800;
/** Between two renders of a burst, in milliseconds. */
const BURST = 90;

/** @type {Store} */
export const store = {
  /** id → application, with `verdict`, `text` (what search looks at) and `sequence` added. */
  applications: new Map(),
  tenants: [],
  clusters: [],
  isLoaded: false,
  /** The application whose page is open. */
  detail: null,
  /** Who is signed in, with what rights; null until that is known. */
  person: null,
  connection: { state: "connecting", since: new Date().toISOString() },
  toasts: [],
};

/** Grows whenever an application comes, goes or changes: a key for what is computed of all of them. */
export let generation = 0;

let render = () => {};
let isScheduled = false;
/** @type {number | undefined} */
let later;
let renderedAt = 0;
let renderTook = 0;

export function onChange(callback) {
  render = callback;
}

/** Renders once, at the next frame; a page in the background waits until it is looked at. */
export function changed() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    clearTimeout(later);
    later = undefined;
    const start = performance.now();
    render();
    renderedAt = performance.now();
    renderTook = renderedAt - start;
  });
}

/** The same for what comes over the stream: the first of it at once, a burst of it some times a second and in a fifth of the time at most. */
function changedBySelf() {
  if (isScheduled || later !== undefined) return;
  const wait = renderedAt + Math.min(1_000, Math.max(BURST, renderTook * 5)) - performance.now();
  if (wait <= 0) changed();
  else later = setTimeout(() => { later = undefined; changed(); }, wait);
}

/** Takes the list of all that was read, in its brief form; what came over the stream since then is newer and stays. */
export function takeApplications(answer) {
  const { sequence } = answer;
  const revisions = answer.revisions.map(([commit, author, subject, time]) => ({ commit, author, subject, time }));
  const named = new Set();
  for (const row of answer.rows) {
    const id = `${row[0]}/${row[1]}.${row[2]}`;
    named.add(id);
    const known = store.applications.get(id);
    if (known && known.sequence > sequence) continue;
    const [repository, branch, tool] = answer.sources[row[13]];
    const [total, synced, healthy, progressing, degraded] = row[11];
    put({
      id, tenant: row[0], cluster: row[1], namespace: row[2], sync: row[3], health: row[4], message: row[5],
      since: iso(row[6]), desired: revisions[row[7]] ?? null, applied: revisions[row[8]] ?? null, appliedAt: iso(row[9]),
      healthyAt: iso(row[10]), counts: { total, synced, healthy, progressing, degraded }, findings: row[12], repository,
      branch, tool, path: row[14], images: row[15].map((at) => answer.images[at]), pin: row[16], pause: row[17],
    }, sequence);
  }
  for (const [id, known] of store.applications) {
    if (!named.has(id) && known.sequence <= sequence) store.applications.delete(id);
  }
  generation += 1;
  store.isLoaded = true;
  changed();
  prepareSearch();
}

/** Makes what a search looks at, a little at a time while nothing else is to be done: the first letter is not slow then. */
function prepareSearch() {
  const waiting = store.applications.values();
  const some = (deadline) => {
    for (const application of waiting) {
      textOf(application);
      if (deadline.timeRemaining() < 2) {
        requestIdleCallback(some);
        return;
      }
    }
  };
  // Not before the page is on the screen.
  setTimeout(() => requestIdleCallback(some), 1_500);
}

const iso = (milliseconds) => (milliseconds === null ? null : new Date(milliseconds).toISOString());

export function takeApplication(item, sequence) {
  const known = store.applications.get(item.id);
  if (known && known.sequence > sequence) return;
  const next = put(item, sequence);
  if (!known || known.verdict !== next.verdict || known.applied?.commit !== next.applied?.commit) {
    next.changedAt = performance.now();
    calmDown();
    if (known && known.verdict !== next.verdict && needsAttention(next.verdict)) announce(next);
    if (next.verdict.tone === "good") announced.delete(next.id);
  }
  generation += 1;
  const detail = store.detail;
  if (detail && detail.id === item.id && detail.application && sequence > detail.sequence) {
    detail.application = next;
    detail.isGone = false;
  }
  changedBySelf();
}

export function dropApplication(id, sequence) {
  const known = store.applications.get(id);
  if (known && known.sequence > sequence) return;
  store.applications.delete(id);
  generation += 1;
  if (store.detail && store.detail.id === id) store.detail.isGone = true;
  changedBySelf();
}

export const isFresh = (item) => item.changedAt !== undefined && performance.now() - item.changedAt < FLASH;

/** @type {number | undefined} */
let calm;
/** Renders when the last flash is over; one timer for a burst of changes. */
function calmDown() {
  clearTimeout(calm);
  calm = setTimeout(changedBySelf, FLASH + 50);
}

function put(item, sequence) {
  /** @type {Application} */
  const next = { ...item, sequence, verdict: verdictOf(item), text: null };
  store.applications.set(item.id, next);
  return next;
}

/** What a search looks at: made when somebody searches. */
export function textOf(application) {
  if (application.text !== null) return application.text;
  const revision = application.desired ?? application.applied;
  application.text = [application.id, application.namespace,
    application.verdict.word,
    application.message,
    revision?.author,
    revision?.subject,
    revision?.commit,
    application.tool,
    application.repository,
    application.pin?.reason,
    application.pause?.reason,
    ...application.images ?? [],
    ...application.findings.map((finding) => finding.message),
  ].join(" ").toLowerCase();
  return application.text;
}

// One application's page

export function takeDetail(id, answer) {
  const detail = store.detail;
  if (!detail || detail.id !== id) return;
  const sequence = answer.sequence;
  const known = store.applications.get(id);
  detail.application = known && known.sequence > sequence ? known : put(answer.application, sequence);
  detail.objects = new Map(answer.objects.map((object) => [object.id, prepare(object)]));
  detail.history = answer.history;
  detail.abilities = new Set(answer.abilities ?? []);
  detail.sequence = sequence;
  detail.isLoading = false;
  detail.error = null;
  detail.generation += 1;
  const missed = detail.pending;
  detail.pending = [];
  for (const apply of missed) apply();
  changed();
}

export function takeObjects(id, changedObjects, removed, sequence) {
  const detail = store.detail;
  if (!detail || detail.id !== id) return;
  if (detail.isLoading) {
    detail.pending.push(() => takeObjects(id, changedObjects, removed, sequence));
    return;
  }
  if (sequence <= detail.sequence) return;
  let isOther = removed.length > 0;
  for (const object of changedObjects) {
    const next = prepare(object);
    const known = detail.objects.get(object.id);
    if (!known || known.verdict !== next.verdict || known.summary !== next.summary) {
      next.changedAt = performance.now();
      calmDown();
    }
    // What changes nothing of the graph's shape is changed in its place: the graph need not be made again.
    if (known && known.verdict === next.verdict && known.message === next.message && known.parent === next.parent
      && known.createdAt === next.createdAt && String(known.links) === String(next.links)) {
      Object.assign(known, next);
    } else {
      detail.objects.set(object.id, next);
      isOther = true;
    }
  }
  for (const one of removed) detail.objects.delete(one);
  if (isOther) detail.generation += 1;
  changedBySelf();
}

export function takeSync(id, data, sequence) {
  const detail = store.detail;
  if (!detail || detail.id !== id) return;
  if (detail.isLoading) {
    detail.pending.push(() => takeSync(id, data, sequence));
    return;
  }
  if (sequence <= detail.sequence) return;
  const at = detail.history.findIndex((one) => one.number === data.sync.number);
  let { steps } = data;
  if (!steps) {
    // Only what changed of them is told; without the rest they cannot be shown.
    if (at < 0 || !data.changed) return;
    steps = [...detail.history[at].steps ?? []];
    for (const [place, step] of data.changed) steps[place] = step;
    steps.length = data.count;
  }
  const sync = { ...data.sync, steps };
  if (at >= 0) detail.history = detail.history.with(at, sync);
  else detail.history = [sync, ...detail.history].slice(0, 20);
  changedBySelf();
}

let versions = 0;
/** With its verdict, and a number that is another whenever the object is. */
const prepare = (object) => ({
  ...object, version: versions += 1, verdict: verdictOf({ sync: object.sync ?? "Synced", health: object.health }),
});

// Words for people who do not look, or cannot see

/** @type {Map<string, string>} */
const announced = new Map();

/** Once for each trouble: an application that fails, is tried again and fails again is not news. */
function announce(application) {
  if (announced.get(application.id) === application.verdict.name) return;
  announced.set(application.id, application.verdict.name);
  const text = `${application.id}: ${application.verdict.word}. ${application.message}`;
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = text;
}

export function toast(text, tone = "quiet") {
  const entry = { text, tone, key: performance.now() };
  store.toasts = [...store.toasts, entry].slice(-3);
  changed();
  setTimeout(() => {
    store.toasts = store.toasts.filter((one) => one !== entry);
    changed();
  }, tone === "bad" ? 9000 : 4000);
}
