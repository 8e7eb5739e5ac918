// The owner tree of an application's objects, folded so that it can be read: old replica sets together, many pods in a few.

const kindOrder = ["Ingress", "HTTPRoute", "Service",
  "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "HorizontalPodAutoscaler",
];
const PODS = 6;

/** What a person unfolded. */
const unfolded = new Set();

export function unfold(id) {
  unfolded.add(id);
  last.key = null;
}

/** @type {{ key: string | null, objects: Map<string, LiveObject> | null, tree: { workloads: TreeNode[], others: LiveObject[] } }} */
const last = { key: null, objects: null, tree: { workloads: [], others: [] } };

/** The tree of a page, made again only when something in it changed. */
export function treeFor(detail, filter) {
  const key = `${detail.generation}/${filter.text}/${filter.onlyProblems}`;
  if (last.key !== key || last.objects !== detail.objects) Object.assign(last,
    { key, objects: detail.objects, tree: treeOf(detail.objects, filter) },
  );
  return last.tree;
}

/** `{ workloads: [node], others: [object] }`, where a node is `{ object, children }` or `{ fold, id, count, worst }`. */
export function treeOf(objects, { text = "", onlyProblems = false } = {}) {
  const children = new Map();
  const roots = [];
  for (const object of objects.values()) {
    if (object.parent !== null && objects.has(object.parent)) {
      const siblings = children.get(object.parent);
      if (siblings) siblings.push(object);
      else children.set(object.parent, [object]);
    } else {
      roots.push(object);
    }
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const isWanted = (object) => words.every((word) => `${object.kind} ${object.name} ${object.message} ${object.summary} ${object.images.join(" ")}`.toLowerCase().includes(word)) && (!onlyProblems || object.verdict.tone !== "good");
  const isFiltered = words.length > 0 || onlyProblems;

  const node = (object) => {
    let below = [...(children.get(object.id) ?? [])].sort(byKindThenName).map(node).filter(Boolean);
    if (isFiltered && !isWanted(object) && below.length === 0) return null;
    if (!isFiltered) below = fold(object, below);
    return { object, children: below, id: object.id };
  };
  const workloads = [];
  const others = [];
  for (const object of roots.sort(byKindThenName)) {
    const one = node(object);
    if (!one) continue;
    if (children.has(object.id) || kindOrder.indexOf(object.kind) >= 3 && object.kind !== "HorizontalPodAutoscaler") workloads.push(one);
    else others.push(object);
  }
  const led = lead(workloads, objects);
  return { workloads, others: others.filter((object) => !led.has(object.id)) };
}

/** Puts what leads to a workload before it: Services, and what leads to these; each at the first place it leads to. */
function lead(workloads, objects) {
  const towards = new Map();
  for (const object of objects.values()) {
    if (object.kind === "PodDisruptionBudget") continue;
    for (const id of object.links ?? []) {
      if (towards.has(id)) towards.get(id).push(object);
      else towards.set(id, [object]);
    }
  }
  const led = new Set();
  for (const root of workloads) {
    root.leaders = [];
    const walk = (id, level) => {
      for (const object of towards.get(id) ?? []) {
        if (led.has(object.id) || level > 3) continue;
        led.add(object.id);
        root.leaders.push({ object, level });
        walk(object.id, level + 1);
      }
    };
    walk(root.id, 1);
  }
  return led;
}

function fold(object, below) {
  const idle = below.filter((child) => child.object?.kind === "ReplicaSet" && child.children.length === 0 && child.object.verdict.tone === "good");
  if (idle.length > 0 && idle.length < below.length && !unfolded.has(`${object.id}#idle`)) {
    below = [...below.filter((child) => !idle.includes(child)),
      { fold: "older", id: `${object.id}#idle`, count: idle.length, children: [] },
    ];
  }
  if (below.length > PODS && !unfolded.has(object.id)) {
    const worstFirst = [...below].sort((one, other) => (one.object?.verdict.rank ?? 99) - (other.object?.verdict.rank ?? 99));
    const kept = worstFirst.slice(0, PODS - 1);
    below = [...below.filter((child) => kept.includes(child)),
      { fold: "more", id: object.id, count: below.length - kept.length, children: [] },
    ];
  }
  return below;
}

function byKindThenName(one, other) {
  return order(one.kind) - order(other.kind) || compare(one.kind, other.kind)
    // The newest replica set first: it is the one that is coming.
    || (one.kind === "ReplicaSet"
      ? compare(other.createdAt ?? "", one.createdAt ?? "") || revision(other) - revision(one)
      : 0) || compare(one.name, other.name);
}

const order = (kind) => { const at = kindOrder.indexOf(kind); return at < 0 ? 50 : at; };
const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const revision = (object) => Number(/revision (\d+)/.exec(object.summary)?.[1] ?? 0);
