#!/usr/bin/env python3
"""How fast Varde delivers, beside a bare load generator, kubectl and the limits that are set; as a table.

Everything is delivered to a real kube-apiserver with etcd where their binaries are at hand (--real DIR, or
VARDE_REAL_KUBERNETES; `scripts/real-kubernetes` makes them), otherwise to the embedded API of another Varde. What peers do
is measured in the same run on the same API server. Servers are started and stopped here; nothing else should run meanwhile.

    Benchmarks/delivery/run.py [--varde PATH] [--real DIR] [--only NAME …] [--quick]
"""
import argparse, os, pathlib, shutil, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "Benchmarks/api"))

import figures, world
from servers import Real
from viewing import Viewing

PARTS = ("sync", "commits", "drift", "many", "view")


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, value, ratio="", goal="", met=None):
        row = (what, value, ratio, goal, "" if met is None else "yes" if met else "NO")
        self.rows.append(row)
        print("  ".join(part for part in row if part), flush=True)

    def print(self):
        head = ("figure", "varde", "to a peer in the same run", "goal", "met")
        widths = [max(len(row[i]) for row in [head, *self.rows]) for i in range(len(head))]
        print()
        for row in [head, tuple("-" * width for width in widths), *self.rows]:
            print("| " + " | ".join(part.ljust(width) for part, width in zip(row, widths)) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--varde", default=str(ROOT / ".tools/bin/varde"))
    parser.add_argument("--real", default=Real.find(), help="a folder with etcd and kube-apiserver; empty: the embedded API")
    parser.add_argument("--kubectl", default=next((str(path) for path in [ROOT / ".tools/bin/kubectl"] if path.exists()),
                                                  shutil.which("kubectl")))
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="some of the measurements")
    parser.add_argument("--keep", help="work in this directory and leave it")
    parser.add_argument("--rounds", type=int, default=3, help="of the first syncs, of which the median counts")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to see that it works")
    options = parser.parse_args()
    if not os.access(options.varde, os.X_OK):
        raise SystemExit("there is no varde: run `make build`, or name it with --varde")
    options.varde = os.path.abspath(options.varde)
    options.scale = 10 if options.quick else 1
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="varde-bench-delivery-"))
    table = Table()
    try:
        if {"sync", "commits", "drift"} & set(options.only):
            deliveries(options, folder / "first", table)
        if "many" in options.only:
            many(options, folder, table)
        if "view" in options.only:
            view(options, folder / "view", table)
        table.print()
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def member_of(options, folder):
    return world.RealMember(options.real, folder) if options.real else world.EmbeddedMember(options.varde, folder)


def deliveries(options, folder, table):
    """First syncs several times, each on new servers; the other figures on the last of these."""
    syncs = []
    rounds = options.rounds if "sync" in options.only else 1
    for place in range(rounds):
        where = folder / str(place)
        where.mkdir(parents=True)
        member = member_of(options, where / "member")
        try:
            member.start()
            team = figures.Deliveries(options.varde, where, member)
            try:
                team.varde.start()
                team.varde.wait(0, 60)
                syncs.append(first_syncs(options, where, member, team))
                if place == rounds - 1:
                    show_first_syncs(options, table, syncs)
                    if "commits" in options.only:
                        commits(options, table, team)
                    if "drift" in options.only:
                        drift(options, table, team)
            finally:
                team.varde.stop()
        finally:
            member.stop()


def first_syncs(options, folder, member, team):
    """One round: what a first sync of each size took, and what peers made of the same before and after."""
    results = {}
    for name, count in (("one", 50 // options.scale), ("five", 250 // options.scale)):
        objects = count * figures.mix.PER_NAMESPACE
        # What the generator sends, too: objects, and each namespace with its binding.
        applies = objects + 2 * count
        limits = []
        for place in ("before", "after"):
            if place == "after":
                sync = team.first_sync(name, count)
            spaces, bare = figures.push_bare(member.target, f"{name}-{place}", count)
            limits.append(applies / (bare.seconds + spaces))
        rate, limit = applies / sync["seconds"], sum(limits) / len(limits)
        result = {"rate": rate, "limit": limit, "ratio": rate / limit, "after": applies / (sync["seconds"] - sync["notice"]), **sync}
        if options.kubectl:
            result["kubectl"], _ = figures.push_kubectl(options.kubectl, member, folder / f"kubectl-{name}", f"{name}-kubectl", count)
        print(f"  {objects:,} objects: {rate:,.0f} applies/s, {rate / limit:.0%} of a bare {limit:,.0f}/s; the first after "
              f"{sync['notice']:.2f} s; CPU of an object: Varde {sync['cpu'] / objects * 1e6:.0f} us, its server "
              f"{sync['server'] / objects * 1e6:.0f} us, bare {bare.client_cpu / bare.count * 1e6:.0f} us, its server "
              f"{bare.server_cpu / bare.count * 1e6:.0f} us; {sync['verbs']}", flush=True)
        results[objects] = result
    return results


def show_first_syncs(options, table, rounds):
    """The medians of the rounds: one alone may have had a neighbour on the machine."""
    for objects in rounds[0]:
        results = [one[objects] for one in rounds]

        def median(name):
            return figures.median([one[name] for one in results])

        ratios = ", ".join(f"{one['ratio']:.0%}" for one in results)
        table.add(f"first sync of {objects:,} objects, from push to the last one",
                  f"{median('seconds'):.2f} s, {median('rate'):,.0f} applies/s ({median('after'):,.0f} from the first; "
                  f"{median('requests'):,.0f} requests, {median('cpu') / objects * 1e6:,.0f} us CPU each)",
                  f"{median('ratio'):.0%} of a bare load generator's {median('limit'):,.0f}/s ({ratios})", ">= 80 %", median("ratio") >= .8)
        if options.kubectl:
            times = figures.median([one["kubectl"] / one["seconds"] for one in results])
            table.add("", "", f"{times:.1f} x kubectl apply --server-side ({objects / median('kubectl'):,.0f}/s)", ">= 2 x", times >= 2)
        if objects == 1000:
            times = 23 / median("seconds")
            table.add("", "", f"{times:.0f} x Config Sync (23 s, published for a like machine)", ">= 10 x", times >= 10)


def commits(options, table, team):
    count = 250 // options.scale
    taken, requests = team.one_file("five", 10 if options.scale == 1 else 3)
    most = max(len(one) for one in requests)
    print(f"  requests of each: {[figures.count_by(one) for one in requests[:2]]}")
    table.add(f"one file changed among {count * 20:,} objects in {count} applications, from push",
              f"{figures.median(taken):.0f} ms (worst {max(taken):.0f} ms), at most {most} requests",
              f"Config Sync: 1,988 requests at 1,000 objects", "< 300 ms, <= 3 requests", figures.median(taken) < 300 and most <= 3)
    beside, inside, requests = team.irrelevant("five", count, 3)
    most = max(len(one) for one in requests)
    table.add("a commit beside all directories", f"{figures.median(beside) * count:.0f} ms CPU in all, "
              f"{figures.median(beside):.2f} ms an application; {most} requests", "Config Sync: 1,988 requests, 4.1 s CPU",
              "no request, < 1 ms", most == 0 and figures.median(beside) < 1)
    table.add("a comment changed in every directory, each is looked at", f"{figures.median(inside):.2f} ms CPU an application; "
              f"{most} requests", "", "no request, < 1 ms", most == 0 and figures.median(inside) < 1)


def drift(options, table, team):
    deleted, edited = team.drift("one", 60 if options.scale == 1 else 5)
    for name, taken in (("deleted", deleted), ("edited", edited)):
        table.add(f"drift: a ConfigMap was {name}", f"{figures.median(taken):.1f} ms (worst {max(taken):.1f} ms)",
                  "Config Sync: 4 to 44 ms", "< 10 ms", figures.median(taken) < 10)


def many(options, folder, table):
    """On the API server that is delivered to, and where Varde hosts the cluster itself: the larger number there."""
    for name, count, embedded, limit in (("member", 1_000, False, 15), ("1000", 1_000, True, 15), ("10000", 10_000, True, 120)):
        where = folder / f"many-{name}"
        where.mkdir(parents=True)
        member = None if embedded else member_of(options, where / "member")
        count //= options.scale
        try:
            if member:
                member.start()
            seconds, memory, used = figures.many_applications(options.varde, where, count, member)
        finally:
            if member:
                member.stop()
        place = "its own embedded cluster" if embedded else member.name
        is_met = seconds < limit and (count < 10_000 or memory < 400e6)
        table.add(f"{count:,} applications of one ConfigMap on {place}, cold", f"{seconds:.1f} s, {memory / 1e6:.0f} MB, {used:.1f} s CPU",
                  "Argo CD: 8.5 to 53 min for 10,000", f"< {limit} s" + (", < 400 MB" if count == 10_000 else ""), is_met)


def view(options, folder, table):
    folder.mkdir(parents=True)
    member = member_of(options, folder / "member")
    applications, pods = 100 // options.scale, 200
    try:
        member.start()
        viewing = Viewing(options.varde, folder, member, applications)
        try:
            viewing.varde.start()
            viewing.varde.wait(applications, 60)
            viewing.varde.settle()
            before = viewing.varde.memory()
            size = len(viewing.make(pods))
            viewing.wait_for_pods(pods, 60)
            viewing.varde.settle()
            each = (viewing.varde.memory() - before) / applications / (pods + 1)
            count = applications * pods
            table.add(f"memory for each of {count:,} watched pods of {size:,} bytes", f"{each:,.0f} bytes", "", "<= 3,072 bytes", each <= 3072)
            viewing.varde.stop()
            viewing.varde.start()
            seconds = viewing.wait_for_pods(pods, 60) - viewing.varde.started
            viewing.varde.settle()
            table.add(f"the same after a restart, from start to every tree complete", f"{seconds:.1f} s, "
                      f"{viewing.varde.memory() / 1e6:.0f} MB in all", "", "< 5 s", seconds < 5)
        finally:
            viewing.varde.stop()
    finally:
        member.stop()


if __name__ == "__main__":
    main()
