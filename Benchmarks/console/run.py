#!/usr/bin/env python3
"""Measures the console's budgets in a real browser, before a running `varde up` that a proxy makes a crowd of, and prints a table.

    Benchmarks/console/run.py [--varde .tools/bin/varde] [--updates 180000] [--out FILE.json]

An hour of 50 updates a second (180,000) is played as fast as --rate says.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Browser"))

from browser import Browser  # noqa: E402
from crowd import Crowd  # noqa: E402

SCROLL = """
return new Promise(done => {
  const frames = [], work = [];
  let last = null, at = 0;
  const step = (now) => {
    if (last !== null) frames.push(now - last);
    last = now;
    const begin = performance.now();
    scrollBy(0, 90);
    document.body.getBoundingClientRect();
    // What the scroll starts runs before the next frame; a task after this one sees how long it all took.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => work.push(performance.now() - begin);
    requestAnimationFrame(() => channel.port2.postMessage(0));
    if (++at < 180) requestAnimationFrame(step);
    else setTimeout(() => done({frames, rows: document.querySelectorAll('[data-row]').length}), 100);
  };
  scrollTo(0, 0);
  requestAnimationFrame(step);
});
"""
PAINTED = """
return new Promise(done => {
  const seen = () => document.querySelector(arguments[0]) ? requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)) : requestAnimationFrame(seen);
  seen();
});
"""


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Varde:
    def __init__(self, binary, directory):
        self.process = subprocess.Popen([binary, "up", "--data", directory, "--console", "127.0.0.1:0", "--kube", "127.0.0.1:0"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        file = pathlib.Path(directory) / "client.json"
        end = time.monotonic() + 90
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(8)
        self.client = json.loads(file.read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def painted(browser, address, selector):
    """Milliseconds from the navigation to the frame that shows something."""
    browser.open("about:blank")
    browser.driver.get(address)
    return browser.driver.execute_script(PAINTED, selector)


def heap(browser, collects=True):
    if collects:
        browser.driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    metrics = browser.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return {one["name"]: one["value"] for one in metrics}


def measure(browser, crowd, updates, rate):
    rows = []

    def add(what, value, unit, budget):
        rows.append({"what": what, "value": round(value, 1), "unit": unit, "budget": budget})
        print(f"{what:<72}{value:>10.1f} {unit:<6}{'' if budget is None else f'budget {budget}'}", flush=True)

    def thread():
        return heap(browser, collects=False)["TaskDuration"]

    def scroll(what):
        begin = thread()
        frames = browser.script(SCROLL)["frames"]
        add(f"{what}: frame while scrolling, median", percentile(frames, 0.5), "ms", 17)
        add(f"{what}: work of the page in a frame, of its processor's time", (thread() - begin) / len(frames) * 1000, "ms", 12)

    # The page's own time, not that of whatever else runs on this machine.
    browser.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    browser.open(f"{crowd.url}/?token={crowd.token}")
    painted(browser, crowd.url + "/", ".matrix .tile")
    fleet = [painted(browser, crowd.url + "/", ".matrix .tile") for _ in range(3)]
    add("fleet of 10,000 applications, 60 clusters, 50 teams: useful paint", percentile(fleet, 0.5), "ms", 1000)
    apps = [painted(browser, crowd.url + "/applications", ".table-row") for _ in range(3)]
    add("list of 10,000 applications: useful paint", percentile(apps, 0.5), "ms", 1000)
    scroll("list of 10,000 applications")
    typed = browser.script("""
        const input = document.querySelector('[data-find]'), times = [];
        return (async () => {
          for (const text of ['w', 'we', 'web', 'web 3', '']) {
            const begin = performance.now();
            input.value = text;
            input.dispatchEvent(new Event('input', {bubbles: true}));
            await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
            times.push(performance.now() - begin);
          }
          return Math.max(...times);
        })();""")
    add("search over 10,000 applications: slowest letter to its paint", typed, "ms", 100)
    page = f"{crowd.url}/applications/{crowd.big}"
    big = [painted(browser, page, ".graph .node") for _ in range(3)]
    add("application of 5,000 objects, graph: useful paint", percentile(big, 0.5), "ms", 1000)
    scroll("application of 5,000 objects, graph")
    painted(browser, page + "?as=list", ".object-row")
    scroll("application of 5,000 objects, list")

    painted(browser, page, ".graph .node")
    crowd.rate, sent, size = 50, crowd.sent, crowd.bytes
    time.sleep(3)
    scroll("5,000 objects while 50 updates a second come")
    begin = (thread(), time.monotonic())
    time.sleep(8)
    add("share of a processor at 50 updates a second", (thread() - begin[0]) / (time.monotonic() - begin[1]) * 100, "%", 40)
    add("bytes for each live update", (crowd.bytes - size) / max(1, crowd.sent - sent), "B", 1500)

    def play(number):
        sent = crowd.sent
        crowd.rate = rate
        while crowd.sent - sent < number:
            time.sleep(0.2)
        crowd.rate = 0
        time.sleep(4)
        return heap(browser)
    # By then every application was told once, and is no longer kept as the list had it.
    early = min(30_000, updates // 4)
    before = play(early)
    add(f"memory of the page's script after {early:,} updates", before["JSHeapUsedSize"] / 1e6, "MB", None)
    after = play(updates - early)
    add(f"memory of the page's script after {updates:,} updates", after["JSHeapUsedSize"] / 1e6, "MB", round(before["JSHeapUsedSize"] / 1e6 * 1.15, 1))
    add(f"elements in the page after {updates:,} updates", after["Nodes"], "", round(before["Nodes"] * 1.5))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--varde", default=str(ROOT / ".tools/bin/varde"))
    parser.add_argument("--console", help="one that runs already, with --token")
    parser.add_argument("--token")
    parser.add_argument("--updates", type=int, default=180_000)
    parser.add_argument("--rate", type=float, default=2_000)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        varde = None if arguments.console else Varde(arguments.varde, directory)
        client = varde.client if varde else {"console": arguments.console, "token": arguments.token}
        try:
            with Crowd(client["console"], client["token"]) as crowd, Browser() as browser:
                rows = measure(browser, crowd, arguments.updates, arguments.rate)
        finally:
            if varde:
                varde.stop()
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1))
    over = [row for row in rows if row["budget"] is not None and row["value"] > row["budget"]]
    for row in over:
        print(f"over its budget: {row['what']}")
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
