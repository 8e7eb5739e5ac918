// The frame around every page, and which page that is.

import { confirmation } from "./confirm.js";
import { find, h, surface } from "./dom.js";
import { clock, refreshTimes } from "./format.js";
import { icon } from "./icons.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import { avatar } from "./parts.js";
import { openPalette, palette } from "./palette.js";
import * as router from "./router.js";
import { place } from "./router.js";
import { needsAttention } from "./states.js";
import { changed, generation, onChange, store } from "./store.js";
import { switchLanguage, t } from "./strings.js";
import { applicationPage } from "./views/application.js";
import { applicationsPage } from "./views/applications.js";
import { clusterPage, clustersPage } from "./views/clusters.js";
import { commitPage } from "./views/commit.js";
import { fleetPage } from "./views/fleet.js";
import { planPage, plansPage } from "./views/plan.js";
import { tenantPage, tenantsPage } from "./views/tenants.js";

/**
 * Path, section of the bar, page; and which application is followed there.
 * @type {[RegExp, string, (...parts: string[]) => any, ((...parts: string[]) => string)?][]}
 */
const routes = [[/^\/$/, "fleet", () => fleetPage()],
  [/^\/applications\/?$/, "applications", () => applicationsPage()],
  [/^\/applications\/([^/]+)\/([^/]+)$/, "applications",
    (tenant, name) => applicationPage(`${tenant}/${name}`),
    (tenant, name) => `${tenant}/${name}`,
  ], [/^\/tenants\/?$/, "tenants", () => tenantsPage()],
  [/^\/tenants\/([^/]+)$/, "tenants", (name) => tenantPage(name)],
  [/^\/clusters\/?$/, "clusters", () => clustersPage()],
  [/^\/clusters\/([^/]+)$/, "clusters", (name) => clusterPage(name)],
  [/^\/plans\/?$/, "plans", () => plansPage()],
  [/^\/plans\/([^/]+)$/, "plans", (id) => planPage(id)],
  [/^\/commits\/([0-9a-f]+)$/, "fleet", (commit) => commitPage(commit)],
];

const paint = surface(find("#console"));

function render() {
  const { section, page, watched } = resolve();
  live.watch(watched);
  const body = page();
  document.title = body.title ? `${body.title} · ${t.title}` : t.title;
  document.documentElement.dataset.attention = String(attention());
  paint(h("a.skip", { href: "#content" }, t.skip), header(section),
    banner(),
    h("main", { id: "content", tabindex: "-1", class: `page page-${body.name}`, key: body.key ?? body.name },
      body.content,
    ),
    palette(),
    confirmation(),
    h("div.toasts", { role: "log", "aria-live": "polite" },
      store.toasts.map((toast) => h("div.toast", { key: toast.key, class: `tone-${toast.tone}` }, toast.text)),
    ),
  );
}

function resolve() {
  for (const [pattern, section, page, watched] of routes) {
    const match = pattern.exec(place.path);
    if (!match) continue;
    const parts = match.slice(1).map(decodeURIComponent);
    return { section, page: () => page(...parts), watched: watched ? watched(...parts) : null };
  }
  const nothing = () => ({
    name: "nothing", title: "",
    content: h("div.empty", {}, h("p", {}, t.notFound), h("a.button", { href: "/" }, t.backToFleet)),
  });
  return { section: "", page: nothing, watched: null };
}

let counted = { generation: -1, attention: 0 };
function attention() {
  if (counted.generation !== generation) {
    let sum = 0;
    for (const application of store.applications.values()) if (needsAttention(application.verdict)) sum += 1;
    counted = { generation, attention: sum };
  }
  return counted.attention;
}

function header(section) {
  const tab = (name, href) => h("a.tab", { href, key: name, "aria-current": section === name ? "page" : null },
    t.nav[name],
    name === "applications" && attention() > 0
      ? h("span.count.tone-bad", { "aria-label": `${attention()} ${t.fleet.attention}` }, attention())
      : null,
  );
  return h("header.bar", { role: "banner" },
    h("a.brand", { href: "/", "aria-label": t.title }, logo(), h("span", {}, t.title)),
    h("nav.tabs", { "aria-label": t.main },
      tab("fleet", "/"),
      tab("applications", "/applications"),
      tab("tenants", "/tenants"),
      tab("clusters", "/clusters"),
      tab("plans", "/plans"),
    ),
    h("button.find", { type: "button", onclick: openPalette, "aria-keyshortcuts": "/ Control+K" },
      icon("search"),
      h("span", {}, t.search),
      h("kbd", {}, t.searchKey),
    ),
    connection(),
    h("button.icon-button.language",
      { type: "button", lang: t.language.code, title: t.language.say, "aria-label": t.language.say, onclick: switchLanguage },
      t.language.short,
    ),
    h("button.icon-button", { type: "button", title: t.theme, "aria-label": t.theme, onclick: keys.toggleTheme },
      icon("sun"),
    ),
    h("form.person", { method: "post", action: "/sign-out" },
      h("button.icon-button", { title: t.signOut(store.person?.person), "aria-label": t.signOut(store.person?.person) },
        store.person && store.person.person !== "console" ? avatar(store.person.person) : icon("leave"),
      ),
    ),
  );
}

function connection() {
  const { state } = store.connection;
  return h("span.connection", { class: `is-${state}`, role: "status", title: t.connection[state] },
    h("i.pulse", { "aria-hidden": "true" }), h("span", {}, t.connection[state]));
}

function banner() {
  if (store.connection.state !== "lost") return null;
  return h("div.banner", { role: "alert" }, icon("alert"), t.connection.lostLong(clock(store.connection.since)));
}

function logo() {
  const stone = (x, y, width, height, extra) => h("rect", { x, y, width, height, rx: height / 2, ...extra });
  return h("svg", { viewBox: "0 0 24 24", width: "22", height: "22", "aria-hidden": "true", class: "logo" },
    stone(2.5, 17, 19, 5, { class: "s1" }),
    stone(5, 11, 14, 4.6, { class: "s2" }),
    stone(7.5, 5.8, 9.6, 3.9, { class: "s3" }),
    stone(10, 2, 4.4, 2.6, { class: "s4" }),
  );
}

onChange(render);
router.start();
keys.start();
live.start();
changed();
setInterval(() => document.hidden || refreshTimes(), 1_000);
