// Icons, drawn here: 16 × 16, in the colour of the text. Every state has a shape of its own.

import { h } from "./dom.js";

const stroke = (...paths) => paths.map((d) => ["path",
  {
    d, fill: "none", stroke: "currentColor", "stroke-width": "1.5", "stroke-linecap": "round",
    "stroke-linejoin": "round",
  },
]);
const solid = (d) => ["path", { d, fill: "currentColor" }];
const cut = (d, width = "1.7") => ["path", { d, fill: "none", stroke: "var(--icon-cut)", "stroke-width": width,
  "stroke-linecap": "round", "stroke-linejoin": "round" }];
const disc = ["circle", { cx: "8", cy: "8", r: "7", fill: "currentColor" }];
const ring = (extra = {}) => ["circle",
  { cx: "8", cy: "8", r: "6.1", fill: "none", stroke: "currentColor", "stroke-width": "1.6", ...extra },
];

const drawings = {
  // States
  check: [disc, cut("M4.9 8.3 7.1 10.4 11.2 5.9")],
  cross: [disc, cut("M5.6 5.6 10.4 10.4M10.4 5.6 5.6 10.4")],
  barred: [disc, cut("M4.6 8H11.4", "2.2")],
  alert: [
    solid("M8 1.2c.6 0 1.1.3 1.4.8l5.7 10.2c.6 1-.2 2.3-1.4 2.3H2.3c-1.2 0-2-1.3-1.4-2.3L6.6 2C6.9 1.5 7.4 1.2 8 1.2Z"),
    cut("M8 5.8V9M8 11.5v.1", "1.8"),
  ],
  missing: [ring({ "stroke-dasharray": "2.6 2.19" })],
  lock: [
    solid("M4.3 7h7.4c.7 0 1.3.6 1.3 1.3v4.9c0 .7-.6 1.3-1.3 1.3H4.3c-.7 0-1.3-.6-1.3-1.3V8.3C3 7.6 3.6 7 4.3 7Z"),
    ...stroke("M5.2 7V4.7a2.8 2.8 0 0 1 5.6 0V7"),
    cut("M8 9.9v1.7"),
  ],
  question: [ring(), ...stroke("M6.3 6.3a1.75 1.75 0 1 1 2.5 1.6c-.5.3-.8.6-.8 1.1M8 11v.1")],
  differs: [["path", { d: "M8 1.3 14.7 8 8 14.7 1.3 8Z", fill: "currentColor", "stroke-linejoin": "round" }],
    cut("M5.7 6.9H10.3M5.7 9.3H10.3M9.2 5.3 6.8 10.9", "1.2"),
  ],
  bin: stroke("M2.8 4.2h10.4M6.2 4V2.6h3.6V4M4.2 4.4l.6 8.4c0 .5.5.8.9.8h4.6c.5 0 .9-.3.9-.8l.6-8.4"),
  arrows: stroke("M13.3 6.3A5.6 5.6 0 0 0 3.4 4.8L2.6 5.7M2.6 2.7v3h3M2.7 9.7a5.6 5.6 0 0 0 9.9 1.5l.8-.9M13.4 13.3v-3h-3"),
  ring: [ring({ opacity: ".25" }),
    ["path",
      {
        d: "M8 1.9A6.1 6.1 0 0 1 14.1 8", fill: "none", stroke: "currentColor", "stroke-width": "1.9",
        "stroke-linecap": "round",
      },
    ],
  ],
  pause: [ring(), ...stroke("M6.4 5.8v4.4M9.6 5.8v4.4")],
  dot: [["circle", { cx: "8", cy: "8", r: "3", fill: "currentColor" }]],
  circle: [ring()],
  info: [ring(), ...stroke("M8 7.3v3.6M8 5v.1")],
  // Kinds
  Deployment: stroke("M8 1.8 14.2 5 8 8.2 1.8 5Z", "M1.8 8 8 11.2 14.2 8", "M1.8 11 8 14.2 14.2 11"),
  ReplicaSet: stroke("M5.5 5.5h8v8h-8Z", "M2.5 10.5v-8h8"),
  StatefulSet: stroke("M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2Z",
    "M2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4",
    "M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
  ),
  DaemonSet: stroke("M2 2h5v5H2ZM9 2h5v5H9ZM2 9h5v5H2ZM9 9h5v5H9Z"),
  Pod: stroke("M8 1.5 13.7 4.7v6.6L8 14.5 2.3 11.3V4.7Z", "M2.5 4.9 8 8l5.5-3.1M8 8v6.3"),
  Job: stroke("M9 1.5 3.5 9H8l-1 5.5L12.5 7H8Z"),
  CronJob: [ring(), ...stroke("M8 4.6V8l2.4 1.5")],
  Service: stroke("M8 5.5V2M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM6 9.5 3 13M10 9.5l3 3.5"),
  Ingress: stroke("M1.8 8h8M6.8 5l3 3-3 3", "M9.5 2h3.2c.7 0 1.3.6 1.3 1.3v9.4c0 .7-.6 1.3-1.3 1.3H9.5"),
  ConfigMap: stroke("M3.5 1.8h6L12.5 5v9.2h-9Z", "M5.8 7.2h4.4M5.8 9.6h4.4M5.8 12h2.6"),
  Secret: stroke("M10.5 9.5a4 4 0 1 0-3.7-2.6L2 11.7V14h2.6v-1.7h1.7v-1.7l1.2-1.2c.9.5 2 .5 3 .1Z", "M11 5v.1"),
  PersistentVolumeClaim: stroke("M2 9.5h12v4H2Z", "M2 9.5 4 2.5h8l2 7", "M4.5 11.5h.1M7 11.5h.1"),
  ServiceAccount: stroke("M8 8a2.9 2.9 0 1 0 0-5.8A2.9 2.9 0 0 0 8 8ZM2.5 14c.5-2.7 2.7-4.2 5.5-4.2s5 1.5 5.5 4.2"),
  Shield: stroke("M8 1.6 13.5 3.6v4.2c0 3.3-2.3 5.5-5.5 6.6-3.2-1.1-5.5-3.3-5.5-6.6V3.6Z"),
  Scale: stroke("M5 13.5v-9M2.5 7 5 4.3 7.5 7M11 2.5v9M8.5 9l2.5 2.7L13.5 9"),
  Namespace: stroke("M2 5V3.3C2 2.6 2.6 2 3.3 2H5M11 2h1.7c.7 0 1.3.6 1.3 1.3V5M14 11v1.7c0 .7-.6 1.3-1.3 1.3H11M5 14H3.3c-.7 0-1.3-.6-1.3-1.3V11M5.5 5.5h5v5h-5Z"),
  Cube: stroke("M8 1.5 13.7 4.7v6.6L8 14.5 2.3 11.3V4.7Z"),
  // Others
  search: stroke("M7.2 12a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6ZM10.7 10.7 14 14"),
  sun: stroke("M8 10.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9"),
  leave: stroke("M6.5 2.5H3.7c-.7 0-1.2.5-1.2 1.2v8.6c0 .7.5 1.2 1.2 1.2h2.8M10 4.8 13.2 8 10 11.2M13 8H6"),
  close: stroke("M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5"),
  chevron: stroke("M6 3.5 10.5 8 6 12.5"),
  commit: stroke("M1.5 8h3.6M10.9 8h3.6M8 10.9a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8Z"),
  file: stroke("M3.5 1.8h6L12.5 5v9.2h-9ZM9.3 2v3.2h3"),
  copy: stroke("M5.5 5.5h8v8h-8Z", "M2.5 10.5v-8h8"),
  building: stroke("M3 14.2V2.5h6.5v11.7M9.5 6.5H13v7.7M1.5 14.2h13M5.3 5.3h1.9M5.3 8h1.9M5.3 10.7h1.9"),
  cloud: stroke("M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7 1 2.6 2.6 0 0 1 .1 5Z"),
  download: stroke("M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11"),
  clock: [ring(), ...stroke("M8 4.6V8l2.4 1.5")],
  play: stroke("M5 3.2v9.6L12.5 8Z"),
  pin: stroke("M6 2h4l-.4 4.5 2.4 2.3H4l2.4-2.3ZM8 8.8V14"),
  globe: [ring(), ...stroke("M2 8h12M8 2c4 4 4 8 0 12M8 2c-4 4-4 8 0 12")],
  power: stroke("M8 1.8v5.5M4.4 4a5.4 5.4 0 1 0 7.2 0"),
};

const kinds = {
  HorizontalPodAutoscaler: "Scale", PodDisruptionBudget: "Shield", NetworkPolicy: "Shield", Role: "Shield",
  RoleBinding: "Shield", ClusterRole: "Shield", ClusterRoleBinding: "Shield", ResourceQuota: "Scale",
  LimitRange: "Scale", EndpointSlice: "Service", PersistentVolume: "PersistentVolumeClaim",
};

export function icon(name, props = {}) {
  const drawing = drawings[name] ?? drawings.Cube;
  const { class: extra, ...rest } = props;
  return h("svg", { viewBox: "0 0 16 16", width: "16", height: "16", "aria-hidden": "true", focusable: "false",
    class: extra ? `icon ${extra}` : "icon", ...rest }, drawing.map(([tag, attributes]) => h(tag, attributes)));
}

export const kindIcon = (kind) => icon(kinds[kind] ?? (drawings[kind] ? kind : "Cube"), { class: "kind-icon" });

/**
 * A state's icon; its word is beside it or in its label.
 * @type {(verdict: Verdict, options?: { label?: string | null, size?: string | null }) => VNode}
 */
export const stateIcon = (verdict, { label = null, size = null } = {}) => {
  const spins = verdict.icon === "ring" || verdict.icon === "arrows";
  return icon(verdict.icon, {
    class: `state tone-${verdict.tone}${spins ? " spins" : ""}`,
    ...(size ? { width: size, height: size } : {}),
    ...(label ? { role: "img", "aria-label": label, "aria-hidden": null } : {}),
  });
};

/** A state's icon with its word. */
export const stateBadge = (verdict) => h("span.badge", { class: `tone-${verdict.tone}` },
  stateIcon(verdict),
  verdict.word,
);
