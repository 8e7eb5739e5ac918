// What a sync state and a health state come to: one verdict with a word, a tone, an icon and a rank (worst first).

import { t } from "./strings.js";

const verdicts = {
  failed: { tone: "bad", icon: "cross", rank: 0 },
  refused: { tone: "bad", icon: "barred", rank: 1 },
  degraded: { tone: "bad", icon: "alert", rank: 2 },
  missing: { tone: "bad", icon: "missing", rank: 3 },
  held: { tone: "held", icon: "lock", rank: 4 },
  unknown: { tone: "quiet", icon: "question", rank: 5 },
  outOfSync: { tone: "warn", icon: "differs", rank: 6 },
  deleting: { tone: "warn", icon: "bin", rank: 7 },
  syncing: { tone: "busy", icon: "arrows", rank: 8 },
  progressing: { tone: "busy", icon: "ring", rank: 9 },
  paused: { tone: "quiet", icon: "pause", rank: 10 },
  suspended: { tone: "quiet", icon: "pause", rank: 11 },
  healthy: { tone: "good", icon: "check", rank: 12 },
  synced: { tone: "good", icon: "check", rank: 13 },
};
for (const [name, verdict] of Object.entries(verdicts)) {
  verdict.name = name;
  verdict.word = t.verdicts[name];
}

const bySync = { Failed: "failed", Refused: "refused", Held: "held", OutOfSync: "outOfSync", Deleting: "deleting",
  Syncing: "syncing", Paused: "paused", Unknown: "unknown" };
const byHealth = { Degraded: "degraded", Missing: "missing", Progressing: "progressing", Suspended: "suspended",
  Unknown: "unknown", Healthy: "healthy" };

/** The worse of both; something that is synced has the verdict of its health. What is being made, removed or held is not missing. */
export function verdictOf({ sync, health }) {
  const isOnItsWay = health === "Missing" && ["Syncing", "Deleting", "Held"].includes(sync);
  const candidates = [bySync[sync], isOnItsWay ? null : byHealth[health] ?? "unknown"].filter(Boolean).map((name) => verdicts[name]);
  return candidates.reduce((worst, one) => (one.rank < worst.rank ? one : worst));
}

export const syncVerdict = (sync) => verdicts[bySync[sync] ?? "synced"];
export const healthVerdict = (health) => verdicts[byHealth[health] ?? "unknown"];
export const verdictNames = Object.keys(verdicts).filter((name) => name !== "synced");
/** @type {(name: string) => Verdict} */
export const verdictNamed = (name) => verdicts[name];

/** Whether a person has to do something. */
export const needsAttention = (verdict) => verdict.rank <= verdicts.unknown.rank;
