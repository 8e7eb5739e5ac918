// Everything that is said, in one place, so that other languages can follow.

const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

const en = {
  title: "Varde", skip: "Skip to the content",
  nav: { fleet: "Fleet", applications: "Applications", tenants: "Tenants", clusters: "Clusters" },
  verdicts: {
    failed: "Sync failed", refused: "Refused", degraded: "Degraded", missing: "Missing", held: "Awaiting approval",
    unknown: "Unknown", outOfSync: "Out of sync", deleting: "Being removed", syncing: "Syncing",
    progressing: "Progressing", paused: "Paused", suspended: "Suspended", healthy: "Healthy", synced: "Synced",
  },
  connection: {
    live: "Live", connecting: "Connecting", lost: "Connection lost",
    lostLong: (since) => `No connection to Varde since ${since}. What you see may be old; it catches up by itself.`,
    paused: "Paused while hidden",
  }, theme: "Switch between light and dark", search: "Search or jump to", searchKey: "/", signOut: "Sign out",
  loading: "Reading", tryAgain: "Try again", notFound: "There is nothing at this address.",
  backToFleet: "Go to the fleet", applications: (n) => count(n, "application", "applications"),
  objects: (n) => count(n, "object", "objects"), clustersCount: (n) => count(n, "cluster", "clusters"),
  tenantsCount: (n) => count(n, "tenant", "tenants"),
  nodes: (ready, all) => (ready === all ? count(all, "node", "nodes") : `${ready} of ${all} nodes ready`),
  simulated: "simulated", simulatedLong: "Nodes and pods of this cluster are simulated: no container runs.",
  unreachable: "unreachable", since: "since", ago: (text) => `${text} ago`, justNow: "just now",
  fleet: {
    attention: "Needs attention", allWell: "Nothing needs attention",
    allWellLong: (n) => (n === 1
      ? "The one application is as its commit says, or on its way there."
      : `All ${n} applications are as their commits say, or on their way there.`), more: (n) => `${n} more`,
    fewer: "Show fewer", recent: "Recent changes", noChanges: "No commit has been seen yet.", tenant: "Tenant",
    onPremises: "On-premises", cloud: "Cloud", moving: "On their way", none: "–", noAccess: "not used",
    empty: "No applications yet",
    emptyLong: "A tenant's directory env/<cluster>/<namespace> becomes an application as soon as it is pushed.",
  },
  list: {
    filter: "Filter by name, image, author, commit, message …", all: "All", attention: "Needs attention",
    none: "No application matches.", clear: "Clear the filters", tenant: "Tenant", cluster: "Cluster", sort: "Sort",
    anyTenant: "All tenants", anyCluster: "All clusters", byState: "Worst first", byTime: "Newest change",
    byName: "Name",
    columns: { state: "State", application: "Application", what: "What", commit: "Commit", since: "Since" },
  },
  app: {
    sync: "Sync now", syncing: "Syncing", asked: "A sync was asked for.", approve: "Approve deletions",
    approveTitle: (n) => (n === 1 ? "Approve one deletion?" : `Approve ${n} deletions?`),
    approveText: "These objects are removed from the cluster, with what belongs to them. It is recorded that you approved.",
    approveDo: "Delete them", cancel: "Cancel", approved: "The deletions are approved.",
    allGood: (n) => `As the commit says; all ${n} objects are healthy.`, nothing: "Nothing has been applied yet.",
    applied: "Applied", healthy: "Healthy", notYet: "not yet", desired: "Next commit", commit: "Commit",
    running: "Running commit", others: "Other objects", appliedIn: (text) => `after ${text}`, by: "by",
    findings: "Findings", noFindings: "No findings.", sync_: { running: "Syncing now", last: "Last sync" },
    tabs: { objects: "Objects", diff: "Diff", events: "Events", logs: "Logs", history: "History" }, graph: "Graph",
    list: "List", noObjects: "No objects are known yet.", older: (n) => `${n} older`, morePods: (n) => `${n} more`,
    onlyProblems: "Only what is not healthy", find: "Find an object",
    noDiff: "No difference: applying the commit would change nothing.", live: "live", wanted: "commit",
    absent: "not set", setBy: (manager) => `set by ${manager}`,
    noEvents: "No events. Kubernetes keeps them for an hour.", noLogs: "This application has no pods.", pod: "Pod",
    follow: "Follow", previous: "Previous run", wrap: "Wrap lines", download: "Download", findInLog: "Find in log",
    logEnd: "End of the log.", logFailed: (why) => `No log: ${why}`, noHistory: "No sync has run yet.",
    noSync: "No sync has run yet.", gone: "This application is gone: its directory was removed from the repository.",
    repository: "Repository", path: "Path", tool: "Rendered by", branch: "Branch",
  },
  object: {
    summary: "Summary", manifest: "Manifest", diff: "Diff", events: "Events", logs: "Logs", live: "Live",
    desired: "In the commit", noLive: "It is not in the cluster.",
    noDesired: "No commit says this: another object made it.", masked: "Values of Secrets are never shown.",
    close: "Close", copy: "Copy", copied: "Copied", kind: "Kind", namespace: "Namespace", age: "Age",
    images: "Images", origin: "From", uid: "UID", owner: "Owned by", made: "Made", created: "Created",
    conditions: "Conditions", sync: "Sync", health: "Health", status: "Status",
  },
  sync: {
    causes: {
      commit: "New commit", drift: "Drift repaired", retry: "Retry", manual: "Asked for", start: "Check at start",
      approval: "Approved deletion", deletion: "Removal",
    },
    results: {
      running: "Running", succeeded: "Succeeded", failed: "Failed", superseded: "Superseded",
      interrupted: "Interrupted",
    },
    actions: {
      create: "create", update: "change", delete: "delete", none: "keep", hold: "hold", refuse: "refuse",
      hook: "hook",
    },
    states: {
      planned: "planned", applying: "applying", applied: "applied", waiting: "waiting", healthy: "healthy",
      failed: "failed", skipped: "unchanged",
    }, skipped: "skipped", deleted: "deleted", unchanged: (n) => `${count(n, "object", "objects")} unchanged`,
    sum: (created, updated, deleted) => [created && `${created} created`, updated && `${updated} changed`,
      deleted && `${deleted} deleted`,
    ].filter(Boolean).join(", ") || "nothing to change", took: (text) => `in ${text}`,
  },
  messages: {
    pull: (who, image) => (who ? `${who} cannot pull its image ${image}` : `Cannot pull the image ${image}`),
    because: {
      absent: ": the registry does not have it", refused: ": the registry refuses access",
      host: ": the registry's name is not known", silent: ": the registry does not answer",
      invalid: ": that is no name of an image", unknown: "",
    }, pullTight: (image, why) => `Image ${image} ${why}`,
    becauseTight: {
      absent: "is not in the registry", refused: "is refused by the registry", host: "is in an unknown registry",
      silent: "cannot be had: no answer", invalid: "is no name of an image", unknown: "cannot be pulled",
    },
    crash: (who, container, code) => `${who
      ? `${who}: container`
      : "Container"} ${container} keeps crashing${code
      ? ` (exit code ${code})`
      : ""}; it is started again after a pause`,
  },
  tenants: {
    prefixes: "Prefixes", repositories: "Repositories", clusters: "Clusters", groups: "Groups", all: "all clusters",
    notAccepted: "Not accepted", accepted: "Accepted", none: "No tenants yet",
    noneLong: "A file in tenants/ of the platform repository onboards a team.",
    roles: { view: "may look", deploy: "may deploy", admin: "administers" },
  },
  clusters: {
    none: "No clusters yet", noneLong: "A file in clusters/ of the platform repository adds one.",
    version: "Kubernetes", nodes: "Nodes", provider: "Reached", environment: "Environment",
    providers: { embedded: "hosted in this process", kubeconfig: "by kubeconfig" }, tenants: "Tenants",
  },
  commit: {
    title: "Commit", applications: "Where it goes", none: "No application is at this commit now.",
    lede: (n) => `${count(n, "application", "applications")}`, running: "running it", waiting: "not there yet",
  },
  palette: {
    label: "Search or jump to", none: "Nothing found.", hint: "↑↓ choose · Enter open · Esc close",
    commands: "Commands", pages: "Pages", applications: "Applications", clusters: "Clusters", tenants: "Tenants",
    toggleTheme: "Switch between light and dark", syncThis: (id) => `Sync ${id} now`,
    attention: "Show what needs attention", keys: "Keyboard shortcuts",
  },
  keys: {
    title: "Keyboard",
    rows: [["/  or  Ctrl K", "Search, or jump to anything"], ["g f", "Fleet"],
      ["g a", "Applications"], ["g t", "Tenants"], ["g c", "Clusters"],
      ["j k  or  ↓ ↑", "Next and previous in a list"], ["Enter", "Open"], ["Esc", "Close"], ["?", "This list"],
    ],
  },
};

export const t = en;
