// The stream of changes: one connection for the page, resumed by the last event's id, closed while nobody looks.

import { applicationPath, getJSON } from "./api.js";
import {
  changed, dropApplication, store, takeApplication, takeApplications, takeDetail, takeObjects, takeSync,
} from "./store.js";

const HIDDEN_FOR = 60_000;
const QUIET_FOR = 40_000;
const LIST = "/api/v1/applications?form=brief";

let source = null;
let lastId = null;
let watched = null;
let failures = 0;
let retry = null;
let hidden = null;
let lastHeard = 0;
/** Whether the lists have to be read (again). */
let isBehind = true;
let early = null;

export function start() {
  // Asked for before the stream is there; good enough if it is not older than the stream's beginning.
  early = getJSON(LIST).catch(() => null);
  open();
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(close, HIDDEN_FOR);
    else if (!source) reopen();
  });
  addEventListener("online", reopen);
  // A page that is kept for the back button must not keep one of the browser's few connections.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && reopen());
  // A connection that died without a word (a laptop that slept) is noticed by the missing heartbeat.
  setInterval(() => {
    if (source && !document.hidden && performance.now() - lastHeard > QUIET_FOR) lost();
  }, 5_000);
}

/** Also follows one application's objects and steps; null for none. */
export function watch(id) {
  if (id === watched) return;
  watched = id;
  store.detail = id === null ? null
    : {
      id, application: store.applications.get(id) ?? null, objects: new Map(), history: [], sequence: 0,
      generation: 0, abilities: new Set(), pending: [], isLoading: true, isGone: false, error: null,
    };
  const resumes = lastId !== null;
  reopen();
  // Without a place to resume from, what is read before the stream has begun could miss a change: the hello reads then.
  if (id !== null && resumes) readDetail(id);
}

function reopen() {
  failures = 0;
  close();
  open();
}

function close() {
  source?.close();
  source = null;
  clearTimeout(retry);
}

function open() {
  const query = new URLSearchParams();
  if (watched !== null) {
    query.set("application", watched);
    query.set("steps", "changed");
  }
  if (lastId !== null) query.set("after", lastId);
  const stream = new EventSource(`/api/v1/stream?${query}`);
  source = stream;
  lastHeard = performance.now();
  const on = (name, handle) => stream.addEventListener(name, (event) => {
    if (source !== stream) return;
    lastHeard = performance.now();
    lastId = event.lastEventId;
    handle(JSON.parse(event.data), Number(lastId.slice(lastId.lastIndexOf("-") + 1)));
  });
  on("hello", (data) => {
    failures = 0;
    setConnection("live");
    if (isBehind) readEverything(data);
  });
  on("alive", () => {});
  on("reset", () => {
    store.applications.forEach((application) => (application.sequence = 0));
    if (store.detail) store.detail.isLoading = true;
    readEverything();
  });
  on("fleet", (data) => {
    store.tenants = data.tenants;
    store.clusters = data.clusters;
    changed();
  });
  on("application", takeApplication);
  on("application-removed", (data, sequence) => dropApplication(data.id, sequence));
  on("objects", (data, sequence) => takeObjects(data.application, data.changed, data.removed, sequence));
  on("sync", (data, sequence) => takeSync(data.application, data, sequence));
  stream.onerror = () => {
    if (source === stream) lost();
  };
}

function lost() {
  close();
  if (failures > 0) setConnection("lost");
  failures += 1;
  // The first retry is at once; a restart of the server is over before anybody is told.
  const wait = failures === 1 ? 150 : Math.min(8_000, 400 * 1.7 ** failures) * (0.75 + Math.random() / 2);
  retry = setTimeout(async () => {
    if (failures > 1) {
      // Not by the stream, because it does not say why it is refused: signed out is another matter than gone.
      const answer = await fetch("/api/v1/version", { cache: "no-store" }).catch(() => null);
      if (answer?.status === 401) location.reload();
    }
    if (!source) open();
  }, wait);
}

function setConnection(state) {
  if (store.connection.state === state) return;
  store.connection = { state, since: new Date().toISOString() };
  changed();
}

function readEverything(hello = null) {
  readAll(hello);
  // Without it nothing is missing but a name.
  getJSON("/api/v1/me").then((person) => { store.person = person; changed(); }, () => {});
  if (watched !== null) readDetail(watched);
}

async function readAll(hello) {
  try {
    const known = await early;
    early = null;
    const isNew = known && hello && known.process === hello.process && known.sequence >= hello.sequence;
    takeApplications(isNew ? known : await getJSON(LIST));
    isBehind = false;
  } catch {
    // The stream fails as well then; its next hello comes back here.
    isBehind = true;
  }
}

async function readDetail(id) {
  try {
    takeDetail(id, await getJSON(applicationPath(id)));
  } catch (error) {
    if (!store.detail || store.detail.id !== id) return;
    store.detail.isLoading = false;
    store.detail.error = error;
    changed();
  }
}
