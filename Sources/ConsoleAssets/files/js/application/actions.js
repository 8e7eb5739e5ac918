// What a person can do to an application and to its objects: each says what it will do before it does it.

import { applicationPath, getJSON, post } from "../api.js";
import { ask, sentences } from "../confirm.js";
import { h } from "../dom.js";
import { objectParts, short } from "../format.js";
import { icon, kindIcon } from "../icons.js";
import { brief } from "../messages.js";
import { remote } from "../remote.js";
import { toast } from "../store.js";
import { t } from "../strings.js";

const icons = { restart: "arrows", scale: "Scale", delete: "bin", suspend: "pause", resume: "play", trigger: "play" };
const SHOWN = 12;

export const heldDeletions = (application) => application.findings.filter((finding) =>
  finding.code === "heldDeletion" || finding.code === "budget" && finding.object);

const send = (id, what, body, said) => async () => {
  await post(`${applicationPath(id)}/${what}`, body);
  return said;
};

/** Shows what a sync would change, and syncs. */
export async function askSync(id) {
  let items = null;
  try {
    items = (await getJSON(`${applicationPath(id)}/diff`)).items.filter((item) => item.action !== "none");
  } catch (error) {
    // A sync may be asked for all the same: it is what finds out.
    toast(error.message, "bad");
  }
  ask({
    title: t.app.syncTitle, button: t.app.syncDo,
    body: () => items === null ? null : [h("p", {}, t.app.syncText(items.length)), objectList(items)],
    run: send(id, "sync", undefined, t.app.asked),
  });
}

export function askPause(application) {
  ask({
    title: t.app.pauseTitle, button: t.app.pause, body: () => h("p", {}, t.app.pauseText),
    fields: [{ name: "reason", label: t.app.pinReason }],
    run: ({ reason }) => send(application.id, "pause", { reason }, t.app.pauseAsked)(),
  });
}

export const askResume = (application) => ask({
  title: t.app.resumeTitle, button: t.app.resume, body: () => h("p", {}, t.app.resumeText),
  run: send(application.id, "resume", undefined, t.app.resumeAsked),
});

/** Goes back to a commit that ran before. */
export function askPin(application, revision) {
  ask({
    title: t.app.pinTitle(short(revision.commit)), button: t.app.pinDo,
    body: () => [h("p.subject", {}, h("b", {}, revision.subject)), h("p", {}, t.app.pinText)],
    fields: [{ name: "reason", label: t.app.pinReason },
      { name: "hours", label: t.app.pinHours, value: "24", options: [1, 4, 24, 72, 168].map((n) => [String(n), t.app.hours(n)]) },
    ],
    run: ({ reason, hours }) => send(application.id, "pin",
      { commit: revision.commit, reason, hours: Number(hours) }, t.app.pinAsked,
    )(),
  });
}

export const askUnpin = (application) => ask({
  title: t.app.unpinTitle, button: t.app.unpin, body: () => h("p", {}, t.app.unpinText),
  run: send(application.id, "unpin", undefined, t.app.unpinAsked),
});

/** Writes the commit that does for good what the pin does. */
export const askCommitPin = (application) => ask({
  title: t.app.commitPinTitle, button: t.app.commitPin, body: () => h("p", {}, t.app.commitPinText(application.branch)),
  run: send(application.id, "pin/commit", undefined, t.app.commitPinAsked),
});

/** Lets held deletions happen, or not. */
export function askHeld(application, isApproved) {
  const held = heldDeletions(application);
  const objects = held.map((finding) => finding.object).filter(Boolean);
  const words = isApproved
    ? [t.app.approveTitle(held.length), t.app.approveText, t.app.approveDo, "approve", t.app.approved]
    : [t.app.refuseTitle(held.length), t.app.refuseText, t.app.refuseDo, "refuse", t.app.refused];
  ask({
    title: words[0], button: words[2], tone: isApproved ? "danger" : "primary",
    body: () => [h("p", {}, words[1]), objectList(held)],
    run: send(application.id, words[3], objects.length ? { objects } : undefined, words[4]),
  });
}

const objectList = (items) => items.length === 0 ? null : h("ul.rows.confirm-list", {},
  items.slice(0, SHOWN).map((item, index) => {
    const object = item.object ? objectParts(item.object) : null;
    return h("li.finding", { key: index },
      object ? kindIcon(object.kind) : icon("bin"),
      h("div", {},
        object ? h("b", {}, `${object.kind} ${object.name}`) : null,
        item.action ? h("span.quiet", {}, ` ${t.sync.actions[item.action] ?? item.action}`) : null,
        h("p.quiet", {}, brief(item.reason ?? item.message)),
      ),
    );
  }),
  items.length > SHOWN ? h("li.finding", { key: "more" }, h("span.quiet", {}, t.fleet.more(items.length - SHOWN))) : null,
);

/** The buttons of what may be done to an object; the server says which, and what each would do. */
export function objectActions(detail, object) {
  const path = `${applicationPath(detail.id)}/actions?id=${encodeURIComponent(object.id)}`;
  const { value } = remote(path, object.version);
  if (!value || value.items.length === 0) return null;
  return h("div.object-actions", { role: "group", "aria-label": t.object.actions },
    value.items.map((offer) => h("button.button.small",
      {
        key: offer.action, type: "button", class: offer.action === "delete" ? "danger-quiet" : "",
        onclick: () => askAction(detail.id, object, offer),
      },
      icon(icons[offer.action]),
      t.actions.names[offer.action] ?? offer.action,
    )),
  );
}

function askAction(id, object, offer) {
  const who = `${object.kind} ${object.name}`;
  const now = offer.effects.find((effect) => effect.code === "hasReplicas")?.count;
  ask({
    title: t.actions.titles[offer.action](who), button: t.actions.names[offer.action],
    tone: offer.action === "delete" ? "danger" : "primary",
    fields: offer.action === "scale"
      ? [{ name: "replicas", label: t.actions.replicas, type: "number", min: 0, max: 10_000, value: String(now ?? 1) }]
      : [],
    body: () => sentences([...offer.effects.map((effect) => t.actions.effects[effect.code]?.(effect) ?? effect.text),
      t.actions.recorded,
    ]),
    run: ({ replicas }) => send(id, "actions",
      { object: object.id, action: offer.action, ...(replicas === undefined ? {} : { replicas: Number(replicas) }) },
      t.actions.asked(t.actions.names[offer.action], who),
    )(),
  });
}
