#!/usr/bin/env python3
"""What the embedded Kubernetes API does per second, how long lists and events take, what an object costs; as a table.

Beside every rate stands the ratio to a real kube-apiserver with etcd on the same machine in the same run, where their
binaries are at hand (--real DIR, or VARDE_REAL_KUBERNETES; `scripts/real-kubernetes` makes them); otherwise to the rate at
which SQLite alone commits. Servers are started and stopped here; nothing else should run meanwhile.

    Benchmarks/api/run.py [--varde PATH] [--real DIR] [--objects 10000] [--watches 1000] [--clusters 100] [--quick]
"""
import argparse, json, os, pathlib, shutil, sqlite3, statistics, sys, tempfile, time

import figures, load, objects
from servers import Real, Varde

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Table:
    def __init__(self, peer):
        self.rows, self.peer = [], peer

    def add(self, what, value, goal, met, ratio=""):
        row = (what, value, ratio, goal, "" if met is None else "yes" if met else "NO")
        self.rows.append(row)
        print("  ".join(part for part in row if part), flush=True)

    def print(self):
        head = ("figure", "varde", f"to {self.peer}", "goal", "met")
        widths = [max(len(row[i]) for row in [head, *self.rows]) for i in range(len(head))]
        print()
        for row in [head, tuple("-" * width for width in widths), *self.rows]:
            print("| " + " | ".join(part.ljust(width) for part, width in zip(row, widths)) + " |")


def sqlite_commits(folder, seconds=3):
    """Commits of one 2 KB row a second, each of them durable."""
    database = sqlite3.connect(folder / "commits.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)")
    begin, count, body = time.perf_counter(), 0, os.urandom(2048)
    while time.perf_counter() - begin < seconds:
        database.execute("INSERT OR REPLACE INTO t VALUES (?, ?)", (count % 10_000, body))
        count += 1
    database.close()
    return count / seconds


def rates(target, count):
    """Creates, updates and no-ops a second, best of some rounds: whatever else runs on the machine only takes away."""
    creates = figures.applies(target, "first", count)
    updates = max((figures.applies(target, f"next-{i}", count) for i in range(3)), key=lambda result: result.rate)
    same = max((figures.applies(target, "next-2", count) for _ in range(3)), key=lambda result: result.rate)
    return creates, updates, same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--varde", default=str(ROOT / ".tools/bin/varde"))
    parser.add_argument("--real", default=Real.find(), help="a folder with etcd and kube-apiserver")
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--watches", type=int, default=1_000)
    parser.add_argument("--clusters", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to see that it works")
    options = parser.parse_args()
    if options.quick:
        options.objects, options.watches = options.objects // 10, options.watches // 10
        options.clusters //= 10
    folder = pathlib.Path(tempfile.mkdtemp(prefix="varde-bench-api-"))
    count = options.objects
    peer_rates = None
    try:
        if options.real:
            print(f"measuring kube-apiserver and etcd from {options.real}", flush=True)
            real = Real(options.real, folder / "real")
            try:
                target = real.start()
                figures.prepare(target)
                peer_rates = [result.rate for result in rates(target, max(count // 4, 500))]
                print("  creates, updates and no-ops a second: " + ", ".join(f"{rate:,.0f}" for rate in peer_rates))
            finally:
                real.stop()
        commits = sqlite_commits(folder)
        print(f"SQLite alone commits {commits:,.0f} rows of 2 KB a second, one at a time", flush=True)
        table = Table("kube-apiserver" if peer_rates else "SQLite")
        measure_writes(folder, options, count, peer_rates, commits, table)
        measure_reads(folder, options, count, table)
        measure_clusters(folder, options, table)
        table.print()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure_writes(folder, options, count, peer_rates, commits, table):
    (folder / "writes").mkdir()
    varde = Varde(options.varde, folder / "writes")
    try:
        target, _ = varde.start()
        figures.prepare(target)
        results = rates(target, count)
        names = ("server-side applies that create, 32 in flight", "server-side applies that update, 32 in flight",
                 "server-side applies that change nothing")
        for place, (name, result) in enumerate(zip(names, results)):
            ratio = result.rate / (peer_rates[place] if peer_rates else commits)
            if place < 2:
                goal, met = (">= 3 x kube-apiserver", ratio >= 3) if peer_rates else (">= 3,000/s", result.rate >= 3000)
            else:
                goal, met = ">= 5,000/s", result.rate >= 5000
            shown = f"{result.rate:,.0f}/s (median {result.median * 1e3:.1f} ms, p99 {result.p99 * 1e3:.1f} ms)"
            table.add(name, shown, goal, met, f"{ratio:.1f}")
        cost = results[1]
        table.add("processor time of an update", f"{cost.server_cpu / cost.count * 1e6:.0f} us (the client's "
                  f"{cost.client_cpu / cost.count * 1e6:.0f} us)", "", None)
    finally:
        varde.stop()


def measure_reads(folder, options, count, table):
    (folder / "reads").mkdir()
    varde = Varde(options.varde, folder / "reads")
    try:
        target, _ = varde.start()
        figures.prepare(target)
        time.sleep(1)
        before = target.memory()
        requests = [target.apply(objects.path("configmaps", f"config-{i}"), objects.config_map(i, "first", 1560))
                    for i in range(count)]
        load.run(target, requests, 32)
        size = len(target.call("GET", objects.path("configmaps", "config-7"))[1])
        time.sleep(1)
        each = (target.memory() - before) / count
        table.add(f"memory per object of {size:,} bytes", f"{each:,.0f} bytes", "< 6,000 bytes", each < 6000)
        requests = [target.apply(objects.path("configmaps", f"config-{i}"), objects.config_map(i, "second", 1560))
                    for i in range(count)]
        load.run(target, requests, 32)
        time.sleep(1)
        updated = (target.memory() - before) / count
        table.add("the same after updating all of them", f"{updated:,.0f} bytes (with up to 16 MB of change log)", "", None)
        varde.stop()
        target, seconds = varde.start()
        table.add(f"start with {count:,} objects on disk", f"{seconds * 1e3:.0f} ms", "< 1,000 ms", seconds < 1)
        figures.create_pods(target, count)
        for name, accept, goal in (("JSON", "application/json", .3), ("Table", figures.ACCEPT_TABLE, .2)):
            best, middle, size = figures.lists(target, accept)
            table.add(f"list of {count:,} pods as {name}, {size / 1e6:.1f} MB",
                      f"{best * 1e3:.0f} ms (median {middle * 1e3:.0f} ms)", f"< {goal * 1e3:.0f} ms", best < goal)
        measure_watches(target, options, table)
    finally:
        varde.stop()


def measure_watches(target, options, table):
    begin, start = target.cpu(), time.perf_counter()
    time.sleep(5)
    without = (target.cpu() - begin) / (time.perf_counter() - start)
    memory = target.memory()
    watches = figures.Watches(target, options.watches)
    try:
        time.sleep(1)
        idle = watches.idle(10)
        table.add(f"{options.watches:,} idle watches", f"{idle * 100:.2f} % of a core ({without * 100:.2f} % without), "
                  f"{(target.memory() - memory) / options.watches / 1024:.1f} KB each", "nothing", idle - without < .005)
        events = [watches.event(number) for number in range(12)][2:]
        last = statistics.median(event[2] for event in events)
        best = min(event[2] for event in events)
        table.add(f"a write until the last of {options.watches:,} watchers has it",
                  f"{last * 1e3:.0f} ms (best {best * 1e3:.0f} ms)", "< 50 ms", last < .05)
    finally:
        watches.close()


def measure_clusters(folder, options, table):
    """Clusters with one simulated node each, made one after the other while the others run."""
    (folder / "clusters").mkdir()
    varde = Varde(options.varde, folder / "clusters")
    try:
        target, _ = varde.start()
        time.sleep(1)
        alone, count = target.memory(), options.clusters
        taken = sorted(figures.create_cluster(target, f"bench-{number:03}") for number in range(count))
        table.add(f"creating a cluster, median of {count}", f"{statistics.median(taken) * 1e3:.0f} ms "
                  f"(slowest {taken[-1] * 1e3:.0f} ms)", "< 200 ms", statistics.median(taken) < .2)
        time.sleep(15)
        begin, start = target.cpu(), time.perf_counter()
        time.sleep(20)
        idle = (target.cpu() - begin) / (time.perf_counter() - start)
        memory = target.memory()
        table.add(f"{count} idle clusters", f"{memory / 1e6:.0f} MB ({(memory - alone) / count / 1e6:.1f} MB each), "
                  f"{idle * 100:.2f} % of a core", "< 600 MB, < 3 %", memory < 6e8 and idle < .03)
    finally:
        varde.stop()


if __name__ == "__main__":
    if not os.access(sys.argv[sys.argv.index("--varde") + 1] if "--varde" in sys.argv else ROOT / ".tools/bin/varde", os.X_OK):
        raise SystemExit("there is no varde: run `make build`, or name it with --varde")
    main()
