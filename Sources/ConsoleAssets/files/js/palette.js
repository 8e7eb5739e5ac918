// Search or jump to anything: applications, tenants, clusters, pages, commands.

import { classes, h } from "./dom.js";
import { icon, stateIcon } from "./icons.js";
import * as keys from "./keys.js";
import { go, link } from "./router.js";
import { askPause, askResume, askSync } from "./application/actions.js";
import { changed, store, textOf } from "./store.js";
import { switchLanguage, t } from "./strings.js";

const MOST = 40;
/** @type {{ mode: string | null, text: string, at: number }} */
const state = { mode: null, text: "", at: 0 };

export function openPalette() {
  Object.assign(state, { mode: "find", text: "", at: 0 });
  changed();
}

export function openKeys() {
  state.mode = "keys";
  changed();
}

export function closePalette() {
  state.mode = null;
  changed();
}

export function palette() {
  if (state.mode === null) return null;
  const hook = {
    mount: (el) => {
      el.showModal();
      el.querySelector("input")?.focus();
    },
  };
  const frame = {
    key: "palette", hook, onclose: closePalette,
    onclick: (event) => event.target.tagName === "DIALOG" && closePalette(),
  };
  return state.mode === "keys"
    ? h("dialog.palette.keys", { ...frame, key: "keys", "aria-label": t.keys.title }, shortcuts())
    : h("dialog.palette", { ...frame, "aria-label": t.palette.label }, finder());
}

function shortcuts() {
  return h("div.keys-body", {}, h("h2", {}, t.keys.title),
    h("dl", {}, t.keys.rows.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)))));
}

function finder() {
  const found = results(state.text.trim().toLowerCase());
  state.at = Math.min(state.at, Math.max(0, found.length - 1));
  const choose = (entry) => {
    closePalette();
    entry.run();
  };
  const onkeydown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      state.at = (state.at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length);
      changed();
      requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(`found-${state.at}`)?.scrollIntoView({
        block: "nearest",
      })));
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Found anew: who types fast presses Enter before what was typed is on the screen.
      const entry = results(state.text.trim().toLowerCase())[state.at];
      if (entry) choose(entry);
    }
  };
  let group = null;
  const rows = [];
  found.forEach((entry, index) => {
    if (entry.group !== group) {
      group = entry.group;
      rows.push(h("div.found-group", { key: `group-${group}`, role: "presentation" }, group));
    }
    rows.push(h("div.found",
      {
        key: entry.key, id: `found-${index}`, role: "option", "aria-selected": index === state.at ? "true" : "false",
        class: classes(index === state.at && "is-chosen"), onclick: () => choose(entry),
        onpointermove: () => { if (state.at !== index) { state.at = index; changed(); } },
      },
      entry.icon,
      h("span.found-title", {}, entry.title),
      h("span.found-note", {}, entry.note),
    ));
  });
  return [
    h("div.palette-field", {},
      icon("search"),
      h("input",
        {
          type: "text", value: state.text, placeholder: t.palette.label, "aria-label": t.palette.label,
          role: "combobox", "aria-expanded": "true", "aria-controls": "found",
          "aria-activedescendant": found.length ? `found-${state.at}` : null, autocomplete: "off",
          spellcheck: "false", onkeydown,
          oninput: (event) => { state.text = event.target.value; state.at = 0; changed(); },
        },
      ),
    ),
    h("div.palette-found", { id: "found", role: "listbox", "aria-label": t.palette.label },
      rows.length ? rows : h("p.quiet.pad", {}, t.palette.none),
    ),
    h("div.palette-hint", {}, t.palette.hint),
  ];
}

function results(text) {
  const words = text.split(/\s+/).filter(Boolean);
  const matches = (haystack) => words.every((word) => haystack.includes(word));
  const found = [];
  const add = (group, key, title, note, mark, run, haystack) => {
    if (matches((haystack ?? `${title} ${note}`).toLowerCase())) found.push({
      group, key, title, note, icon: mark, run,
    });
  };
  const { detail } = store;
  const open = detail?.application;
  if (open && detail?.abilities.has("sync")) add(t.palette.commands, "sync", t.palette.syncThis(open.id), "", icon("arrows"), () => askSync(open.id));
  if (open && detail?.abilities.has("pause")) {
    if (open.pause) add(t.palette.commands, "resume", t.palette.resume(open.id), "", icon("play"), () => askResume(open));
    else add(t.palette.commands, "pause", t.palette.pause(open.id), "", icon("pause"), () => askPause(open));
  }
  const commands = () => {
    add(t.palette.pages, "attention", t.palette.attention, "", icon("alert"), () => go(link.applications({ state: "attention" })));
    for (const [name, href] of [["fleet", "/"], ["applications", "/applications"], ["tenants", "/tenants"], ["clusters", "/clusters"], ["plans", "/plans"]]) {
      add(t.palette.pages, name, t.nav[name], "", icon("chevron"), () => go(href));
    }
    add(t.palette.commands, "theme", t.palette.toggleTheme, "", icon("sun"), keys.toggleTheme);
    add(t.palette.commands, "language", t.palette.toggleLanguage, t.language.say, icon("globe"), switchLanguage);
    add(t.palette.commands, "keys", t.palette.keys, "", icon("info"), openKeys);
  };
  if (!words.length) commands();
  /** @type {[number, Application][]} */
  const ranked = [];
  for (const application of store.applications.values()) {
    if (!matches(textOf(application))) continue;
    const inName = words.every((word) => application.id.includes(word));
    ranked.push([inName ? application.verdict.rank : 100 + application.verdict.rank, application]);
    if (ranked.length > 4_000) break;
  }
  ranked.sort((one, other) => one[0] - other[0] || (one[1].id < other[1].id ? -1 : 1));
  for (const [, application] of ranked.slice(0, MOST)) {
    found.push({
      group: t.palette.applications, key: application.id, title: application.namespace,
      note: `${application.tenant} · ${application.cluster}`,
      icon: stateIcon(application.verdict, { label: application.verdict.word }),
      run: () => go(link.application(application.id)),
    });
  }
  for (const cluster of store.clusters) {
    add(t.palette.clusters, `c/${cluster.name}`,
      cluster.name,
      `${cluster.environment} ${cluster.version}`,
      icon("building"),
      () => go(link.cluster(cluster.name)),
    );
  }
  for (const tenant of store.tenants) {
    add(t.palette.tenants, `t/${tenant.name}`,
      tenant.name,
      tenant.displayName,
      icon("ServiceAccount"),
      () => go(link.tenant(tenant.name)),
    );
  }
  if (words.length) commands();
  return found;
}
