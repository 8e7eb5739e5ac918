// Logs of pods: followed, bounded, searchable. What a container writes is only ever text.

import { applicationPath, send } from "../api.js";
import { h } from "../dom.js";
import { objectParts, tint } from "../format.js";
import { icon } from "../icons.js";
import { empty } from "../parts.js";
import { changed } from "../store.js";
import { t } from "../strings.js";
import { manifestOf } from "./details.js";

const LINES = 5_000;
const LONGEST = 8_000;
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g;
const options = { pod: "", container: "", follows: true, previous: false, wraps: true, text: "" };
/** Between the name of a pod and its line, when several are read at once. */
const SEPARATOR = "\u001f";
/** @type {Log | null} */
let open = null;

/**
 * The logs of one of some pods.
 * @param {Detail} detail
 */
export function logsView(detail, only = null) {
  const pods = [...detail.objects.values()].filter((object) => object.kind === "Pod" && (only === null || object.id === only || isBelow(
    detail,
    object,
    only,
  ))).sort((one, other) => one.verdict.rank - other.verdict.rank || (one.name < other.name ? -1 : 1));
  if (pods.length === 0) return detail.isLoading ? null : empty(t.app.noLogs);
  const makers = [...new Set(pods.map((pod) => makerOf(detail, pod)))].filter((id) => id !== null && (only === null || id === only || isBelow(detail, detail.objects.get(id), only)));
  const choices = [...makers.filter((id) => pods.length > 1 || only !== null).map((id) => `*${id}`), ...pods.map((pod) => pod.name)];
  if (!choices.includes(options.pod)) {
    options.pod = only !== null && choices.includes(`*${only}`) && pods.length > 1 ? `*${only}` : pods[0].name;
    options.container = "";
  }
  const set = (changes) => () => { Object.assign(options, changes); changed(); };
  const isAll = options.pod.startsWith("*");
  const pod = isAll ? pods.find((one) => makerOf(detail, one) === options.pod.slice(1)) : pods.find((one) => one.name === options.pod);
  const containers = pod ? containersOf(detail, pod) : [];
  const query = new URLSearchParams({ [isAll ? "object" : "pod"]: isAll ? options.pod.slice(1) : options.pod, tail: isAll ? "100" : "500" });
  if (options.container && containers.includes(options.container)) query.set("container", options.container);
  if (options.follows) query.set("follow", "1");
  if (options.previous) query.set("previous", "1");
  const address = `${applicationPath(detail.id)}/logs?`;
  const key = address + query;
  const whole = new URLSearchParams(query);
  whole.set("tail", "10000");
  whole.delete("follow");
  return h("div.logs", { class: options.wraps ? "is-wrapped" : "" },
    h("div.objects-tools", {},
      h("label.select", {},
        h("span.unseen", {}, t.app.pod),
        h("select", { value: options.pod, onchange: (event) => set({ pod: event.target.value })() },
          choices.map((choice) => h("option", { key: choice, value: choice }, nameOf(choice, pods))),
        ),
      ),
      containers.length > 1
        ? h("label.select", {},
          h("span.unseen", {}, t.app.container),
          h("select", { value: options.container, onchange: (event) => set({ container: event.target.value })() },
            h("option", { key: "", value: "" }, t.app.allContainers),
            containers.map((name) => h("option", { key: name, value: name }, name)),
          ),
        )
        : null,
      h("label.field.small", {},
        icon("search"),
        h("input",
          {
            type: "search", value: options.text, placeholder: t.app.findInLog, "aria-label": t.app.findInLog,
            oninput: (event) => { options.text = event.target.value; open?.filter(options.text); changed(); },
          },
        ),
      ),
      toggle(t.app.follow, options.follows, set({ follows: !options.follows })),
      toggle(t.app.previous, options.previous, set({ previous: !options.previous })),
      toggle(t.app.wrap, options.wraps, set({ wraps: !options.wraps })),
      h("span.grow"),
      h("a.button.small",
        {
          href: `${address}${whole}`,
          download: `${isAll ? objectParts(options.pod.slice(1)).name : options.pod}.log`,
        },
        icon("download"),
        t.app.download,
      ),
    ),
    h("pre.code.log",
      {
        key, tabindex: "0", role: "log", "aria-label": options.pod,
        hook: {
          mount: (el) => { open = new Log(el, key, options.follows); open.filter(options.text); },
          unmount: () => { open?.stop(); open = null; },
        },
      },
    ),
  );
}

function nameOf(choice, pods) {
  if (choice.startsWith("*")) {
    const { kind, name } = objectParts(choice.slice(1));
    return t.app.allPods(`${kind} ${name}`);
  }
  const pod = pods.find((one) => one.name === choice);
  return pod.verdict.tone === "good" ? pod.name : `${pod.name} – ${pod.summary || pod.verdict.word}`;
}

/** The topmost object that a pod was made for. */
function makerOf(detail, pod) {
  let at = pod;
  for (let steps = 0; at?.parent && steps < 8; steps += 1) at = detail.objects.get(at.parent) ?? { id: at.parent };
  return at === pod ? null : at.id;
}

function containersOf(detail, pod) {
  const spec = manifestOf(detail, pod.id).value?.live?.spec;
  return [...spec?.containers ?? [], ...spec?.initContainers ?? []].map((container) => String(container.name));
}

const toggle = (text, isOn, onclick) => h("button.toggle", { type: "button", "aria-pressed": String(isOn), onclick },
  icon(isOn ? "check" : "circle"),
  text,
);

function isBelow(detail, object, ancestor) {
  for (let at = object, steps = 0; at?.parent && steps < 8; steps += 1) {
    if (at.parent === ancestor) return true;
    at = detail.objects.get(at.parent);
  }
  return false;
}

class Log {
  /** @type {HTMLElement} */
  #element;
  #stop = new AbortController();
  #waiting = [];
  #isScheduled = false;
  #rest = "";
  #words = "";
  /** @type {number | undefined} */
  #again;
  #told = "";

  constructor(element, address, follows) {
    this.#element = element;
    this.#read(address, follows);
  }

  stop() {
    this.#stop.abort();
    clearTimeout(this.#again);
  }

  /** Hides lines without the text. */
  filter(text) {
    this.#words = text.toLowerCase();
    for (const line of this.#element.children) line.toggleAttribute("hidden", !this.#isShown(line.textContent ?? ""));
  }

  #isShown(text) {
    return this.#words === "" || text.toLowerCase().includes(this.#words);
  }

  async #read(address, follows) {
    try {
      const response = await send(address, { signal: this.#stop.signal });
      if (!response.body) return;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const rows = (this.#rest + value).split("\n");
        this.#rest = (rows.pop() ?? "").slice(-LONGEST);
        this.#add(rows.map((row) => [row.slice(0, LONGEST), ""]));
      }
      if (this.#rest) this.#add([[this.#rest, ""]]);
      this.#add([[t.app.logEnd, "is-note"]]);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (this.#told !== error.message) this.#add([[t.app.logFailed(error.message), "is-note"]]);
      this.#told = error.message;
      // A container that has not started yet may do so while somebody waits for it.
      if (follows) this.#again = setTimeout(() => this.#read(address, follows), 3_000);
    }
  }

  #add(rows) {
    this.#waiting.push(...rows);
    if (this.#waiting.length > LINES) this.#waiting.splice(0, this.#waiting.length - LINES);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => this.#show());
  }

  #show() {
    this.#isScheduled = false;
    const el = this.#element;
    const isAtEnd = el.scrollHeight - el.scrollTop - el.clientHeight < 24;
    const lines = document.createDocumentFragment();
    for (const [row, note] of this.#waiting.splice(0)) {
      const line = document.createElement("span");
      const cut = row.indexOf(SEPARATOR);
      const text = row.slice(cut + 1).replace(escapes, "");
      if (cut > 0) {
        const pod = document.createElement("span");
        pod.className = `log-pod tint-${tint(row.slice(0, cut))}`;
        pod.textContent = row.slice(0, cut).split("-").slice(-2).join("-");
        pod.title = row.slice(0, cut);
        line.append(pod, " ");
      }
      line.append(`${text}\n`);
      line.className = `line ${note || level(text)}`;
      line.hidden = !this.#isShown(text);
      lines.append(line);
    }
    el.append(lines);
    while (el.childElementCount > LINES) el.firstElementChild?.remove();
    if (isAtEnd) el.scrollTop = el.scrollHeight;
  }
}

function level(text) {
  const start = text.slice(0, 120);
  if (/\b(ERROR|FATAL|PANIC|CRITICAL)\b|level=error|"level":"error"/i.test(start)) return "is-error";
  if (/\bWARN(ING)?\b|level=warn|"level":"warn/i.test(start)) return "is-warning";
  return "";
}
