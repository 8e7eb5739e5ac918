// What the console knows. Views read it; `changed()` asks for a render.

import { needsAttention, verdictOf } from "./states.js";

const FLASH = 1800;

export const store = {
  /** id → application, with `verdict`, `text` (what search looks at) and `sequence` added. */
  applications: new Map(),
  tenants: [],
  clusters: [],
  isLoaded: false,
  /** The application whose page is open: `{ id, application, objects: Map, history, sequence, error, isLoading }`. */
  detail: null,
  connection: { state: "connecting", since: new Date().toISOString() },
  version: "",
  toasts: [],
};

/** Grows whenever an application comes, goes or changes: a key for what is computed of all of them. */
export let generation = 0;

let render = () => {};
let isScheduled = false;

export function onChange(callback) {
  render = callback;
}

/** Renders once, at the next frame; a page in the background waits until it is looked at. */
export function changed() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render();
  });
}

/** Takes a list that was read; what came over the stream since then is newer and stays. */
export function takeApplications(items, sequence) {
  const named = new Set(items.map((item) => item.id));
  for (const [id, known] of store.applications) {
    if (!named.has(id) && known.sequence <= sequence) store.applications.delete(id);
  }
  for (const item of items) {
    const known = store.applications.get(item.id);
    if (!known || known.sequence <= sequence) put(item, sequence);
  }
  generation += 1;
  store.isLoaded = true;
  changed();
}

export function takeApplication(item, sequence) {
  const known = store.applications.get(item.id);
  if (known && known.sequence > sequence) return;
  const next = put(item, sequence);
  if (!known || known.verdict !== next.verdict || known.applied?.commit !== next.applied?.commit) {
    next.changedAt = performance.now();
    setTimeout(changed, FLASH + 50);
    if (known && known.verdict !== next.verdict && needsAttention(next.verdict)) announce(next);
    if (next.verdict.tone === "good") announced.delete(next.id);
  }
  generation += 1;
  const detail = store.detail;
  if (detail?.id === item.id && detail.application && sequence > detail.sequence) {
    detail.application = next;
    detail.isGone = false;
  }
  changed();
}

export function dropApplication(id, sequence) {
  const known = store.applications.get(id);
  if (known && known.sequence > sequence) return;
  store.applications.delete(id);
  generation += 1;
  if (store.detail?.id === id) store.detail.isGone = true;
  changed();
}

export const isFresh = (item) => item.changedAt !== undefined && performance.now() - item.changedAt < FLASH;

function put(item, sequence) {
  const next = { ...item, sequence, verdict: verdictOf(item) };
  const revision = item.desired ?? item.applied;
  next.text = [item.id, item.namespace,
    next.verdict.word,
    item.message,
    revision?.author,
    revision?.subject,
    revision?.commit,
    item.tool,
    item.repository,
    ...item.findings.map((finding) => finding.message),
  ].join(" ").toLowerCase();
  store.applications.set(item.id, next);
  return next;
}

// One application's page

export function takeDetail(id, answer) {
  const detail = store.detail;
  if (detail?.id !== id) return;
  const sequence = answer.sequence;
  const known = store.applications.get(id);
  detail.application = known && known.sequence > sequence ? known : put(answer.application, sequence);
  detail.objects = new Map(answer.objects.map((object) => [object.id, prepare(object)]));
  detail.history = answer.history;
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
  if (detail?.id !== id) return;
  if (detail.isLoading) {
    detail.pending.push(() => takeObjects(id, changedObjects, removed, sequence));
    return;
  }
  if (sequence <= detail.sequence) return;
  for (const object of changedObjects) {
    const next = prepare(object);
    const known = detail.objects.get(object.id);
    if (!known || known.verdict !== next.verdict || known.summary !== next.summary) {
      next.changedAt = performance.now();
      setTimeout(changed, FLASH + 50);
    }
    detail.objects.set(object.id, next);
  }
  for (const one of removed) detail.objects.delete(one);
  detail.generation += 1;
  changed();
}

export function takeSync(id, sync, sequence) {
  const detail = store.detail;
  if (detail?.id !== id) return;
  if (detail.isLoading) {
    detail.pending.push(() => takeSync(id, sync, sequence));
    return;
  }
  if (sequence <= detail.sequence || !sync.steps) return;
  const at = detail.history.findIndex((one) => one.number === sync.number);
  if (at >= 0) detail.history = detail.history.with(at, sync);
  else detail.history = [sync, ...detail.history].slice(0, 20);
  changed();
}

const prepare = (object) => ({
  ...object, verdict: verdictOf({ sync: object.sync ?? "Synced", health: object.health }),
});

// Words for people who do not look, or cannot see

const announced = new Map();

/** Once for each trouble: an application that fails, is tried again and fails again is not news. */
function announce(application) {
  if (announced.get(application.id) === application.verdict.name) return;
  announced.set(application.id, application.verdict.name);
  const text = `${application.id}: ${application.verdict.word}. ${application.message}`;
  document.getElementById("announcer").textContent = text;
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
