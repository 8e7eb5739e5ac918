// What is read on demand (diffs, events, manifests): kept for the page, read again when the application changed.

import { getJSON } from "./api.js";
import { changed } from "./store.js";

const MOST = 40;
const AT_MOST_EVERY = 1_000;
const entries = new Map();

/** `{ value, error, isLoading }` of an address; read (again) whenever `version` is another than last time. */
export function remote(path, version) {
  let entry = entries.get(path);
  if (!entry) {
    entry = { value: null, error: null, isLoading: false, version: null, at: 0, again: null };
    entries.set(path, entry);
    while (entries.size > MOST) entries.delete(entries.keys().next().value);
  }
  if (entry.version !== version && !entry.isLoading && entry.again === null) {
    const wait = Math.max(0, entry.at + AT_MOST_EVERY - performance.now());
    if (wait > 0) entry.again = setTimeout(() => { entry.again = null; changed(); }, wait);
    else read(path, entry, version);
  }
  return entry;
}

export function forget(path) {
  entries.delete(path);
  changed();
}

async function read(path, entry, version) {
  Object.assign(entry, { isLoading: true, version, at: performance.now() });
  try {
    Object.assign(entry, { value: await getJSON(path), error: null });
  } catch (error) {
    entry.error = error;
  }
  entry.isLoading = false;
  changed();
}
