// Asks before something is changed: what it will do, what else must be said, and one button that does it.

import { h } from "./dom.js";
import { changed, toast } from "./store.js";
import { t } from "./strings.js";

let open = null;

/**
 * Shows a dialog. `body` answers what it says, given the values; `fields` are `{ name, label, type, value, options, min, max, required }`;
 * `run` gets the values and does it; what it answers is said when it is done.
 */
export function ask({ title, body, fields = [], button, tone = "primary", run }) {
  open = { title, body, fields, button, tone, run, isBusy: false, error: null,
    values: Object.fromEntries(fields.map((field) => [field.name, field.value ?? ""])) };
  changed();
}

const close = () => { open = null; changed(); };

export function confirmation() {
  if (open === null) return null;
  const asked = open;
  const submit = async (event) => {
    event.preventDefault();
    asked.isBusy = true;
    asked.error = null;
    changed();
    try {
      const said = await asked.run(asked.values);
      if (open === asked) close();
      if (said) toast(said, "good");
    } catch (error) {
      asked.isBusy = false;
      asked.error = error.message;
      changed();
    }
  };
  return h("dialog.confirm",
    { key: "confirm", "aria-labelledby": "confirm-title", hook: { mount: (el) => el.showModal() }, onclose: close },
    h("form", { onsubmit: submit },
      h("h2", { id: "confirm-title" }, asked.title),
      h("div.confirm-body", {}, asked.body(asked.values)),
      asked.fields.map((field) => input(field, asked)),
      asked.error ? h("p.notice.tone-bad", { role: "alert" }, asked.error) : null,
      h("div.confirm-actions", {},
        h("button.button", { type: "button", onclick: close }, t.app.cancel),
        h("button.button", { type: "submit", class: asked.tone, disabled: asked.isBusy }, asked.button),
      ),
    ),
  );
}

function input(field, asked) {
  const set = (event) => { asked.values[field.name] = event.target.value; changed(); };
  const shared = { id: `confirm-${field.name}`, value: asked.values[field.name] };
  return h("div.confirm-field", { key: field.name },
    h("label", { for: shared.id }, field.label),
    field.options
      ? h("select", { ...shared, onchange: set },
        field.options.map(([value, text]) => h("option", { key: value, value }, text)))
      : h("input", { ...shared, type: field.type ?? "text", required: true, min: field.min ?? null, max: field.max ?? null,
        maxlength: 200, autocomplete: "off", oninput: set }),
  );
}

/** Sentences, one below the other. */
export const sentences = (lines) => h("ul.effects", {}, lines.map((line, index) => h("li", { key: index }, line)));
