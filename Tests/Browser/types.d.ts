// What the console's modules pass to each other, for the type check alone (`make types`): the answers of docs/api.md, and what js/store.js adds.

interface Verdict {
  name: string; tone: "bad" | "warn" | "held" | "busy" | "good" | "quiet"; icon: string; rank: number; word: string;
}

interface Revision { commit: string; author: string; subject: string; time: string }

interface Finding {
  severity: "error" | "warning" | "info"; code: string; message: string; origin: string | null; object: string | null; field: string | null; since: string;
}

interface Application {
  id: string; tenant: string; cluster: string; namespace: string; repository: string; branch: string; path: string; tool: string | null;
  sync: string; health: string; message: string; since: string; desired: Revision | null; applied: Revision | null;
  appliedAt: string | null; healthyAt: string | null;
  counts: { total: number; synced: number; healthy: number; progressing: number; degraded: number };
  findings: Finding[]; images: string[];
  pin: { commit: string; subject: string; reason: string; person: string; since: string; expiresAt: string } | null;
  pause: { reason: string; person: string; since: string } | null;
  sequence: number; verdict: Verdict; text: string | null; changedAt?: number;
}

interface LiveObject {
  id: string; apiVersion: string; kind: string; namespace: string; name: string; parent: string | null; sync: string | null; health: string;
  message: string; since: string; createdAt: string | null; summary: string; images: string[]; links?: string[];
  pages?: { title: string; url: string }[]; uid: string | null; version: number; verdict: Verdict; changedAt?: number;
}

interface Step { object: string; action: string; state: string; message: string; since: string; trail?: { state: string; message: string; since: string }[] }

interface Sync {
  number: number; cause: string; result: string; revision: Revision | null; seenAt?: string; renderedAt?: string; startedAt: string;
  appliedAt: string | null; finishedAt: string | null; created: number; updated: number; deleted: number; message: string; person: string | null;
  steps: Step[];
}

/** The application whose page is open. */
interface Detail {
  id: string; application: Application | null; objects: Map<string, LiveObject>; history: Sync[]; sequence: number; generation: number;
  abilities: Set<string>; pending: (() => void)[]; isLoading: boolean; isGone: boolean; error: any;
}

interface Tenant {
  name: string; displayName: string; prefixes: string[]; repositories: { url: string; branch: string; root: string }[]; clusters: string[];
  groups: { [role: string]: string[] }; accepted: boolean; message: string; since?: string;
}

interface Cluster {
  name: string; environment: string; location: string; provider: string; simulated: boolean; version: string; nodes: number; readyNodes: number;
  reachable: boolean; message: string; since: string;
}

interface Store {
  applications: Map<string, Application>; tenants: Tenant[]; clusters: Cluster[]; isLoaded: boolean; detail: Detail | null;
  person: { person: string; everything: boolean; tenants: { [tenant: string]: string } } | null;
  connection: { state: "connecting" | "live" | "lost"; since: string };
  toasts: { text: string; tone: string; key: number }[];
}

interface VNode {
  type: string; key: any; el: any; text?: string; props?: any; hook?: any; children?: VNode[];
}

/** A node of the graph: an object, or some that are folded together. */
interface TreeNode {
  id: string; children: TreeNode[]; object?: LiveObject; fold?: string; count?: number; leaders?: { object: LiveObject; level: number }[];
}

interface Element { $listeners?: { [type: string]: (event: Event) => void } }
interface Array<T> { with(index: number, value: T): T[]; findLastIndex(test: (value: T, index: number) => unknown): number }
