#!/usr/bin/env python3
"""Drives the console in a real browser against a running `varde up`, as people use it.

    journeys.py --varde .build/release/varde
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from selenium.webdriver.common.keys import Keys

from browser import Browser

MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata: {name: hello}
spec:
  replicas: 2
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec: {containers: [{name: web, image: "nginx:1.29"}]}
"""


class Varde:
    """One `varde up` with the demonstration in a directory of its own."""

    def __init__(self, binary, directory):
        self.binary, self.directory, self.port = binary, directory, 0
        self.start()

    def start(self):
        (self.directory / "client.json").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [self.binary, "up", "--data", str(self.directory), "--console", f"127.0.0.1:{self.port}", "--kube", "127.0.0.1:0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.client = json.loads((self.directory / "client.json").read_text())
                if self.get("/healthz") == b"ok\n":
                    break
            except (OSError, ValueError):
                time.sleep(0.1)
        else:
            raise TimeoutError("varde did not answer within a minute")
        self.console = self.client["console"]
        self.port = int(self.console.rsplit(":", 1)[1])

    def get(self, path):
        request = urllib.request.Request(self.client["console"] + path, headers={"Authorization": f"Bearer {self.client['token']}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read()

    def settled(self):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            counts = json.loads(self.get("/api/v1/status"))["applications"]
            if counts["total"] >= 30 and counts["healthy"] + counts["degraded"] == counts["total"]:
                return
            time.sleep(0.3)
        raise TimeoutError(f"the demonstration did not settle: {counts}")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(20)


def git(directory, *arguments):
    subprocess.run(["git", "-c", "user.name=Eva", "-c", "user.email=eva@example.org", *arguments], cwd=directory, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1"})


def chip(name):
    return f"[...document.querySelectorAll('.matrix .chip')].find(one => one.textContent === '{name}')"


def signs_in(varde, browser, _):
    """A link signs in, and leaves no token in the address"""
    browser.open(varde.console + "/")
    browser.wait("document.querySelector('#token')")
    browser.open(f"{varde.console}/?token={varde.client['token']}")
    browser.wait("document.querySelector('.matrix .chip')")
    assert browser.script("return location.search") == ""
    assert browser.script("return document.cookie") == ""
    browser.complaints()


def sees_a_push(varde, browser, directory):
    """A push appears without a reload, and its page follows it until it is healthy"""
    work = directory / "work"
    git(directory, "clone", str(varde.directory / "git/kart-apps.git"), str(work))
    place = work / "env/dev/kart-hello"
    place.mkdir(parents=True)
    (place / "app.yaml").write_text(MANIFEST)
    git(work, "add", "-A")
    git(work, "commit", "-m", "Say hello")
    browser.script("window.sameDocument = true")
    git(work, "push")
    browser.wait(chip("kart-hello"), 10, "the chip of what was pushed")
    browser.wait("[...document.querySelectorAll('.change .subject')].some(one => one.textContent === 'Say hello')")
    browser.script(f"{chip('kart-hello')}.click()")
    browser.wait("document.querySelector('.application-title .badge')?.textContent === 'Healthy'", 20)
    browser.wait("document.querySelectorAll('.node[aria-label^=Pod]').length === 2")
    assert browser.script("return window.sameDocument") is True


def finds_the_failure(varde, browser, _):
    """From the fleet to the failing pod it is two clicks, and the sentence is there before the first"""
    browser.script("document.querySelector('.brand').click()")
    browser.wait("document.querySelector('.trouble')")
    assert "image" in browser.script("return document.querySelector('.trouble .sentence').textContent")
    browser.script("document.querySelector('.trouble').click()")
    browser.wait("document.querySelector('.node.tone-edge-bad[aria-label^=Pod]')")
    browser.script("document.querySelector('.node.tone-edge-bad[aria-label^=Pod]').click()")
    browser.wait("document.querySelector('.drawer .notice')?.textContent.includes('image')")


def works_by_keyboard(varde, browser, _):
    """Everything is reached by keys alone"""
    def press(*keys):
        browser.driver.switch_to.active_element.send_keys(*keys)
    press(Keys.ESCAPE)
    browser.wait("!document.querySelector('.drawer')")
    press("gf")
    browser.wait("location.pathname === '/'")
    press("/")
    browser.wait("document.querySelector('dialog.palette[open] input') === document.activeElement")
    press("hello dev", Keys.ENTER)
    browser.wait("location.pathname.endsWith('kart-hello')")
    press("ga")
    browser.wait("document.querySelectorAll('.table-row').length > 10")
    press("jj", Keys.ENTER)
    browser.wait("/^\\/applications\\/./.test(location.pathname)")


def survives_a_restart(varde, browser, _):
    """A server that is killed is said to be lost, and caught up with when it is back"""
    browser.script("window.sameDocument = true")
    varde.stop(signal.SIGKILL)
    browser.wait("document.querySelector('.connection.is-lost') && document.querySelector('.banner')", 15)
    varde.start()
    browser.wait("document.querySelector('.connection.is-live') && !document.querySelector('.banner')", 30)
    assert browser.script("return window.sameDocument") is True
    browser.complaints()


def fits_a_phone(varde, browser, _):
    """Nothing is wider than a phone"""
    browser.size(390, 844, 2)
    for address in ("/", "/applications", "/applications/kart/dev.kart-hello", "/tenants", "/clusters"):
        browser.open(varde.console + address)
        browser.wait("document.querySelector('main') && !document.querySelector('.loading') && document.querySelector('.is-live')")
        assert browser.script("return document.documentElement.scrollWidth") <= 390, address
    browser.size(1440, 900)


JOURNEYS = [signs_in, sees_a_push, finds_the_failure, works_by_keyboard, survives_a_restart, fits_a_phone]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--varde", required=True)
    arguments = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        varde = Varde(str(pathlib.Path(arguments.varde).resolve()), directory / "data")
        try:
            varde.settled()
            with Browser() as browser:
                for journey in JOURNEYS:
                    try:
                        journey(varde, browser, directory)
                        complaints = browser.complaints()
                        assert not complaints, complaints
                        print(f"ok      {journey.__doc__}", flush=True)
                    except (AssertionError, TimeoutError) as error:
                        failed += 1
                        print(f"FAILED  {journey.__doc__}: {error}", flush=True)
                        browser.shot(pathlib.Path(tempfile.gettempdir()) / f"journey-{journey.__name__}.png")
        finally:
            if varde.process.poll() is None:
                varde.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
