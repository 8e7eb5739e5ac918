// Differences, events and manifests, of an application or of one of its objects.

import { applicationPath } from "../api.js";
import { h } from "../dom.js";
import { objectParts, time } from "../format.js";
import { icon, kindIcon } from "../icons.js";
import { empty, failure, loading } from "../parts.js";
import { forget, remote } from "../remote.js";
import { toast } from "../store.js";
import { t } from "../strings.js";
import { inline, yamlLines, yamlText } from "../yaml.js";
import { objectLink } from "./objects.js";

const LINES = 4_000;

/** Reads an address and shows what it holds, with the old value until the new one is there. */
function reading(path, version, show) {
  const entry = remote(path, version);
  if (entry.value) return show(entry.value);
  if (entry.error) return failure(entry.error, () => forget(path));
  return loading();
}

export function diffView(detail, object = null) {
  return reading(`${applicationPath(detail.id)}/diff`, `${detail.generation}/${detail.application?.sequence}`,
    ({ items }) => {
      const wanted = items.filter((item) => (object === null
        ? item.action !== "none" || item.fields.length
        : item.object === object));
      if (wanted.length === 0) return empty(t.app.noDiff);
      return h("div.diffs", {},
        wanted.map((item) => {
          const { kind, name } = objectParts(item.object);
          return h("section.diff", { key: item.object },
            h("header", {},
              h("span", { class: `action is-${item.action}` }, t.sync.actions[item.action] ?? item.action),
              object === null
                ? h("a.step-object", { href: objectLink(item.object, "diff") },
                  kindIcon(kind),
                  h("b", {}, name),
                  h("span.quiet", {}, kind),
                )
                : null,
              h("span.quiet", {}, item.reason),
            ),
            fieldTable(item.fields),
          );
        }),
      );
    },
  );
}

/** Field by field: live, wanted, and who set the live value, when. */
export const fieldTable = (fields) => fields.length === 0 ? null : h("div.fields", { role: "table", "aria-label": t.app.tabs.diff },
  fields.map((field) => h("div.field-diff", { key: field.path, role: "row" },
    h("code.field-path", { role: "rowheader" }, field.path),
    h("span.value.is-live", { role: "cell" }, h("i", {}, t.app.live), side(field, "live")),
    h("span.value.is-wanted", { role: "cell" }, h("i", {}, t.app.wanted), side(field, "desired")),
    field.manager
      ? h("span.quiet.manager", { role: "cell" }, t.app.setBy(field.manager), field.time ? [", ", time(field.time)] : null)
      : null,
  )),
);

const side = (field, name) => (name in field ? h("code", {}, inline(field[name])) : h("span.quiet", {}, t.app.absent));

export function eventsView(detail, object = null) {
  return reading(`${applicationPath(detail.id)}/events`, `${detail.generation}/${object === null ? "" : detail.objects.get(object)?.version}`,
    ({ items }) => {
      const wanted = items.filter((item) => object === null || item.object === object).reverse();
      if (wanted.length === 0) return empty(t.app.noEvents);
      return h("ol.events", {},
        wanted.slice(0, 500).map((event, index) => {
          const { kind, name } = objectParts(event.object);
          const isWarning = event.type === "Warning";
          return h("li", { key: `${event.time}/${event.object}/${event.reason}/${index}` },
            icon(isWarning ? "alert" : "info",
              {
                class: `state tone-${isWarning ? "warn" : "quiet"}`, role: "img", "aria-label": event.type,
                "aria-hidden": null,
              },
            ),
            h("div", {},
              h("div", {},
                h("b", {}, event.reason),
                object === null
                  ? [" ", h("a.step-object", { href: objectLink(event.object) }, kindIcon(kind), name)]
                  : null,
                event.count > 1 ? h("span.tag", {}, `× ${event.count}`) : null,
              ),
              h("div.event-message", {}, event.message),
            ),
            h("span.quiet.when", {}, time(event.time)),
          );
        }),
      );
    },
  );
}

export const manifestOf = (detail, object) => remote(
  `${applicationPath(detail.id)}/object?id=${encodeURIComponent(object)}`,
  detail.objects.get(object)?.version ?? 0,
);

export function manifestView(detail, object, which) {
  const path = `${applicationPath(detail.id)}/object?id=${encodeURIComponent(object)}`;
  return reading(path, detail.objects.get(object)?.version ?? 0,
    (answer) => {
      const value = which === "desired" ? answer.desired : answer.live;
      if (!value) return empty(which === "desired" ? t.object.noDesired : t.object.noLive);
      const lines = yamlLines(value);
      return [value.kind === "Secret" ? h("p.quiet.pad", {}, t.object.masked) : null,
        h("div.code-frame", {},
          h("button.button.small.copy", { type: "button", onclick: () => copy(yamlText(value)) },
            icon("copy"),
            t.object.copy,
          ),
          h("pre.code", { tabindex: "0", "aria-label": t.object.manifest },
            lines.slice(0, LINES).map((line, index) => h("span.line", { key: index },
              line.map(([name, text]) => h("span", { class: `y-${name}` }, text)),
              "\n",
            )),
          ),
        ),
      ];
    },
  );
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t.object.copied);
  } catch (error) {
    toast(error.message, "bad");
  }
}
