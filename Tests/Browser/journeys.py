#!/usr/bin/env python3
"""Drives the console in a real browser against a running `varde up`, as people use it.

    journeys.py --varde .build/release/varde [--axe PATH/axe.min.js] [--source]
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.keys import Keys

import accessibility
import dev_proxy
from browser import Browser
from crowd import Crowd

MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata: {name: hello}
spec:
  replicas: 2
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec: {containers: [{name: web, image: "nginx:1.29"}, {name: aside, image: "busybox:1.37"}]}
---
apiVersion: v1
kind: Service
metadata: {name: hello}
spec: {selector: {app: hello}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: hello}
spec: {rules: [{host: hello.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: hello, port: {number: 80}}}}]}}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: run, image: "busybox:1.37"}]}}}}
---
apiVersion: v1
kind: Secret
metadata: {name: hello}
stringData: {password: hunter2-not-to-be-seen}
"""
KEPT = """apiVersion: v1
kind: ConfigMap
metadata:
  name: kept
  annotations: {argocd.argoproj.io/sync-options: Prune=confirm}
data: {a: b}
"""
HOSTILE = "\u05e9\u05dc\u05d5\u05dd <img src=x onerror=window.wasHacked=1> \u202etxt.exe"


class Varde:
    """One `varde up` with the demonstration in a directory of its own."""

    def __init__(self, binary, directory, from_source=False):
        self.binary, self.directory, self.port, self.proxy = binary, directory, 0, None
        self.from_source = from_source
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
        if self.from_source and not self.proxy:
            self.proxy = dev_proxy.start(f"127.0.0.1:{self.port}")
        if self.proxy:
            self.console = f"http://127.0.0.1:{self.proxy.server_port}"

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


PAGE = "/applications/kart/dev.kart-hello"


def button(text, within="document"):
    return f"[...{within}.querySelectorAll('button')].find(one => one.textContent.includes('{text}') && !one.disabled)"


def click(browser, what, seconds=10):
    browser.wait(what, seconds)
    browser.script(f"({what}).click()")


def confirms(browser, said=None):
    """Presses the button of the dialog that says what will happen, and waits until it has."""
    browser.wait("document.querySelector('dialog.confirm[open]')")
    text = browser.script("return document.querySelector('dialog.confirm').textContent")
    assert said is None or said in text, text
    browser.script("document.querySelector('dialog.confirm button[type=submit]').click()")
    browser.wait("!document.querySelector('dialog.confirm')")


def opens(varde, browser, address):
    browser.open(varde.console + address)
    browser.wait("document.querySelector('main') && !document.querySelector('main .loading') && document.querySelector('.is-live')")


def visits_every_page(varde, browser, _):
    """Every page opens, with what it is for"""
    commit = json.loads(varde.get("/api/v1/applications/kart/dev.kart-hello"))["application"]["applied"]["commit"]
    for address, what in (("/", ".matrix .chip"), ("/applications", ".table-row"), ("/tenants", ".card"), ("/clusters", ".card"),
                          ("/plans", "h1, .empty"), ("/tenants/kart", ".quota, .quotas"), ("/clusters/dev", ".plain tbody tr"),
                          (f"/commits/{commit}", ".phases .is-done"), (PAGE, ".node"), (PAGE + "?as=list", ".object-row"),
                          (PAGE + "?tab=timeline", ".steps-row"), (PAGE + "?tab=diff", ".empty, .diff"),
                          (PAGE + "?tab=events", ".events li, .empty"), (PAGE + "?tab=history", ".history li"), ("/nowhere", ".empty")):
        opens(varde, browser, address) if address != "/nowhere" else browser.open(f"{varde.console}/applications/no/no.no")
        browser.wait(f"document.querySelector('{what}')", what=address)
    browser.complaints()


def sees_what_leads_where(varde, browser, _):
    """The graph joins the Ingress to its Service and the Service to its Deployment"""
    opens(varde, browser, PAGE)
    browser.wait("document.querySelector('.edge.is-link')?.getAttribute('d').split('M').length >= 3")
    left = "parseInt(document.querySelector('.node[aria-label^=%s]').style.left)"
    browser.wait(f"{left % 'Ingress'} < {left % 'Service'} && {left % 'Service'} < {left % 'Deployment'}")


def acts_on_objects(varde, browser, _):
    """Restart, scale, delete, trigger and suspend say what they will do, do it, and are recorded"""
    deployment = PAGE + "?object=apps/Deployment:kart-hello/hello"
    opens(varde, browser, deployment)
    click(browser, button("Restart", "document.querySelector('.drawer')"))
    confirms(browser, "2 pods are replaced")
    browser.wait("[...document.querySelectorAll('.node[aria-label^=ReplicaSet]')].length + document.querySelectorAll('.fold').length >= 2", 20)
    click(browser, button("Scale", "document.querySelector('.drawer')"))
    confirms(browser, "Varde puts that back")
    opens(varde, browser, PAGE + "?object=Service:kart-hello/hello")
    uid = "(await (await fetch('/api/v1/applications/kart/dev.kart-hello')).json()).objects.find(one => one.kind === 'Service').uid"
    before = browser.script(f"return (async () => {uid})()")
    click(browser, button("Delete", "document.querySelector('.drawer')"))
    confirms(browser, "makes it again")
    end = time.monotonic() + 15
    while (now := browser.script(f"return (async () => {{ try {{ return {uid} }} catch {{ return null }} }})()")) in (None, before):
        assert time.monotonic() < end, "the Service did not return"
    opens(varde, browser, PAGE + "?object=batch/CronJob:kart-hello/nightly")
    click(browser, button("Run now", "document.querySelector('.drawer')"))
    confirms(browser, "started from its template")
    browser.wait("document.querySelector('.node[aria-label^=\"Job nightly-manual\"]')", 15)
    click(browser, button("Suspend", "document.querySelector('.drawer')"))
    confirms(browser, "No new runs")
    opens(varde, browser, PAGE + "?tab=history")
    browser.wait("document.querySelectorAll('.people li').length >= 5")
    people = browser.script("return document.querySelector('.people').textContent")
    assert all(word in people for word in ("Restart", "Scale", "Delete", "Run now", "Suspend")), people


def pauses_and_pins(varde, browser, directory):
    """Pause and resume, pin to an earlier commit and unpin, each with a banner that says who and why"""
    work = directory / "work"
    file = work / "env/dev/kart-hello/app.yaml"
    file.write_text(file.read_text().replace("nginx:1.29", "nginx:1.30"))
    git(work, "commit", "-am", HOSTILE)
    git(work, "push")
    opens(varde, browser, PAGE)
    browser.wait("document.querySelector('.commit-line .subject')?.textContent.includes('onerror')", 15, "the hostile commit")
    click(browser, button("Pause"))
    browser.wait("document.querySelector('#confirm-reason')")
    browser.script("const el = document.querySelector('#confirm-reason'); el.value = 'freeze'; el.dispatchEvent(new Event('input', {bubbles: true}))")
    confirms(browser, "Nothing is changed")
    browser.wait("document.querySelector('.notice')?.textContent.includes('freeze')")
    click(browser, button("Resume"))
    confirms(browser)
    browser.wait("!document.querySelector('.notice.tone-held')", 15)
    opens(varde, browser, PAGE + "?tab=history")
    browser.script("document.querySelectorAll('.history details').forEach(one => one.open = true)")
    click(browser, button("Pin to this commit"))
    browser.wait("document.querySelector('#confirm-reason')")
    browser.script("const el = document.querySelector('#confirm-reason'); el.value = '1.30 leaks'; el.dispatchEvent(new Event('input', {bubbles: true}))")
    confirms(browser, "stays there")
    browser.wait("document.querySelector('.notice')?.textContent.includes('1.30 leaks')", 15)
    browser.wait(button("Make it a commit"))
    click(browser, button("Unpin"))
    confirms(browser)
    browser.wait("!document.querySelector('.notice.tone-held')", 15)
    assert browser.script("return window.wasHacked === undefined")


def approves_a_deletion(varde, browser, directory):
    """A held deletion is found on the fleet page; one is refused, another approved"""
    work = directory / "work"
    file = work / "env/dev/kart-hello/kept.yaml"

    def pushes(text, subject):
        file.unlink() if text is None else file.write_text(text)
        git(work, "add", "-A")
        git(work, "commit", "-m", subject)
        git(work, "push")
    pushes(KEPT, "Keep something")
    opens(varde, browser, PAGE)
    browser.wait("[...document.querySelectorAll('.node')].some(one => one.textContent.includes('kept'))", 20)
    pushes(None, "Remove it")
    click(browser, button("Refuse"), 20)
    confirms(browser, "stay in the cluster")
    browser.wait("document.querySelector('.application-title .badge')?.textContent !== 'Awaiting approval'", 20)
    assert "kept" in varde.get("/api/v1/applications/kart/dev.kart-hello").decode()
    pushes(KEPT.replace("a: b", "a: c"), "Keep it once more")
    browser.wait("document.querySelector('.commit-line .subject')?.textContent === 'Keep it once more'", 20)
    browser.wait("/Healthy|Suspended/.test(document.querySelector('.application-title .badge')?.textContent)", 20)
    pushes(None, "Remove it again")
    opens(varde, browser, "/")
    browser.wait("[...document.querySelectorAll('.trouble-group')].some(one => /person/.test(one.textContent) && /kart-hello/.test(one.textContent))", 20)
    browser.script("[...document.querySelectorAll('.trouble')].find(one => one.textContent.includes('kart-hello')).click()")
    click(browser, button("Approve deletions"))
    confirms(browser, "kept")
    browser.wait("![...document.querySelectorAll('.node')].some(one => one.textContent.includes('kept'))", 20)
    # Its CronJob is suspended if somebody did that.
    browser.wait("/Healthy|Suspended/.test(document.querySelector('.application-title .badge')?.textContent)", 20)


def sees_own_rights(varde, browser, _):
    """Each is offered what their groups may do, recorded by name, and out when taken off the list"""
    def person(*arguments):
        return subprocess.run([varde.binary, "person", *arguments, "--data", str(varde.directory)], check=True, capture_output=True, text=True,
                              timeout=20).stdout
    links = {"kari": person("add", "kari", "--group", "maps-developers"), "per": person("add", "per", "--group", "all-employees")}

    def enters(name):
        browser.open(f"{varde.console}/?token={links[name].strip().rsplit('=', 1)[1]}")
        browser.wait("document.querySelector('.matrix .chip')")
        assert browser.script("return [...document.querySelectorAll('.matrix th.tenant b')].map(one => one.textContent).includes('eiendom')") is False
        opens(varde, browser, PAGE + "?object=apps/Deployment:kart-hello/hello")
        browser.wait("document.querySelector('.drawer .conditions')")
        browser.wait(f"document.querySelector('.person .avatar')?.title === '{name}'")
    enters("per")
    browser.script("return new Promise(done => setTimeout(done, 300))")
    assert not browser.script(f"return {button('Sync now')} || {button('Pause')} || document.querySelector('.object-actions')")
    enters("kari")
    click(browser, button("Restart", "document.querySelector('.drawer')"))
    confirms(browser)
    opens(varde, browser, PAGE + "?tab=history")
    browser.wait("document.querySelector('.people li')?.textContent.includes('kari')")
    assert browser.script(f"return !!{button('Sync now')}")
    person("remove", "kari")
    browser.open(varde.console + "/")
    browser.wait("document.querySelector('#token')")
    browser.open(f"{varde.console}/?token={links['per'].strip().rsplit('=', 1)[1]}")
    browser.wait("document.querySelector('.person button')")
    browser.script("document.querySelector('.person button').click()")
    browser.wait("document.querySelector('#token')")
    browser.open(f"{varde.console}/?token={varde.client['token']}")
    browser.wait("document.querySelector('.matrix .chip')")
    browser.complaints()


def follows_a_commit(varde, browser, directory):
    """A commit's page says when each cluster saw, rendered, planned and applied it and when it was healthy, while it happens"""
    work = directory / "work"
    for cluster in ("dev", "test"):
        place = work / f"env/{cluster}/kart-two"
        place.mkdir(parents=True)
        (place / "app.yaml").write_text(MANIFEST.split("---")[0])
    git(work, "add", "-A")
    git(work, "commit", "-m", "Two places at once")
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=work, capture_output=True, text=True, check=True).stdout.strip()
    git(work, "push")
    browser.wait("true")
    opens(varde, browser, "/")
    browser.wait("[...document.querySelectorAll('.change .subject')].some(one => one.textContent === 'Two places at once')", 20)
    opens(varde, browser, f"/commits/{commit[:10]}")
    browser.wait("document.querySelectorAll('.journey').length === 2 && document.querySelectorAll('.journey .phases .is-done').length === 10", 30)
    said = browser.script("return [...document.querySelectorAll('.journey')].map(one => [...one.querySelectorAll('.phases li')].map(li => li.textContent))")
    for phases in said:
        assert all(re.search(r"\d", text) for text in phases), said
    assert browser.script("return document.querySelector('.files')?.textContent.includes('env/test/kart-two/app.yaml')")


def reads_a_plan(varde, browser, directory):
    """The link that varde plan prints for a branch shows what merging it would do"""
    work = directory / "work"
    git(work, "checkout", "-b", "try")
    file = work / "env/dev/kart-hello/app.yaml"
    file.write_text(file.read_text().replace("replicas: 2", "replicas: 3"))
    git(work, "commit", "-am", "Try three of them")
    git(work, "push", "origin", "try")
    git(work, "checkout", "-")
    plan = subprocess.run([varde.binary, "plan", "--data", str(varde.directory), "--repo", str(varde.directory / "git/kart-apps.git"),
                           "--revision", "try"], capture_output=True, text=True, timeout=60)
    found = re.search(r"/plans/[0-9a-f]+", plan.stdout + plan.stderr)
    assert plan.returncode == 3 and found, (plan.returncode, plan.stdout, plan.stderr)
    opens(varde, browser, found.group())
    browser.wait("document.querySelector('.plan .field-path')?.textContent === 'spec.replicas'")
    assert "Nothing has been changed" in browser.script("return document.querySelector('main').textContent")
    opens(varde, browser, "/plans")
    browser.wait("document.querySelector('a.trouble')?.textContent.includes('Try three of them')")


def reads_logs(varde, browser, _):
    """The logs of all pods in one, of one container, searched"""
    opens(varde, browser, PAGE + "?object=apps/Deployment:kart-hello/hello&view=logs")
    browser.wait("new Set([...document.querySelectorAll('.log-pod')].map(one => one.title)).size >= 2", 15)
    browser.wait("[...document.querySelectorAll('.logs select')].some(one => [...one.options].some(option => option.value === 'aside'))")
    browser.script("const el = document.querySelector('.logs input[type=search]'); el.value = 'no-such-line'; el.dispatchEvent(new Event('input', {bubbles: true}))")
    browser.wait("[...document.querySelectorAll('.log .line')].every(one => one.hidden)")
    assert browser.script("return document.querySelector('.logs a[download]').href").endswith("tail=10000")
    browser.script("const el = document.querySelector('.logs input[type=search]'); el.value = ''; el.dispatchEvent(new Event('input', {bubbles: true}))")


def hides_secrets(varde, browser, _):
    """A Secret's value is nowhere in its page, nor in what the page was sent"""
    opens(varde, browser, PAGE + "?object=Secret:kart-hello/hello&view=manifest")
    browser.wait("document.querySelector('.drawer .code')")
    text = browser.script("""return (async () => document.body.textContent
        + await (await fetch('/api/v1/applications/kart/dev.kart-hello/object?id=Secret:kart-hello/hello')).text())()""")
    assert "hunter2" not in text and "aHVudGVyMi1ub3QtdG8tYmUtc2Vlbg" not in text


def speaks_norwegian(varde, browser, _):
    """The language is switched, stays, and leaves no English word of ours behind"""
    opens(varde, browser, "/")
    browser.script("document.querySelector('.language').click()")
    browser.wait("document.documentElement.lang === 'nb' && document.querySelector('.is-live')", 15)
    for address in ("/", "/applications", "/tenants/kart", "/clusters/dev", PAGE, PAGE + "?tab=timeline", PAGE + "?tab=history"):
        opens(varde, browser, address)
        text = browser.script("return document.body.innerText")
        for word in ("Healthy", "Applications", "Tenants", "Needs attention", "ago", "Sync now", "Findings", "undefined"):
            assert not re.search(rf"\b{word}\b", text), (address, word)
    browser.driver.delete_cookie("varde-language")


def is_accessible(varde, browser, _):
    """axe-core finds nothing on any page, in either language and theme"""
    if accessibility.AXE is None:
        return
    found = {}
    for language in ("en", "nb"):
        browser.open(varde.console + "/")
        browser.driver.add_cookie({"name": "varde-language", "value": language, "path": "/"})
        for dark in (False, True):
            # What moves is faint while it comes in; who wants it still is served so.
            browser.theme(dark, still=True)
            for address in ("/", "/applications", "/tenants", "/clusters", "/plans", "/tenants/kart", "/clusters/dev", PAGE, PAGE + "?as=list",
                            PAGE + "?tab=timeline", PAGE + "?tab=history", PAGE + "?tab=logs", PAGE + "?object=apps/Deployment:kart-hello/hello"):
                opens(varde, browser, address)
                for violation in accessibility.violations(browser):
                    found.setdefault(violation, f"{address} {language}{' dark' if dark else ''}")
    browser.theme(False)
    browser.driver.delete_cookie("varde-language")
    assert not found, found


def bears_a_crowd(varde, browser, _):
    """10,000 applications and one of 5,000 objects: found, scrolled and followed, with only what is seen in the page"""
    with Crowd(varde.console, varde.client["token"]) as crowd:
        browser.open(f"{crowd.url}/?token={varde.client['token']}")
        browser.wait("document.querySelectorAll('.matrix .tile').length >= 3000", 30, "the fleet of 60 clusters and 50 teams")
        wide = browser.script("const table = document.querySelector('.matrix'); return [table.scrollWidth, document.documentElement.clientWidth, table.offsetHeight]")
        assert wide[0] <= wide[1] and wide[2] <= 1100, wide
        browser.open(crowd.url + "/applications?q=cluster-33")
        browser.wait("document.querySelector('.table')?.getAttribute('aria-rowcount') > 100", 30)
        browser.open(crowd.url + "/applications?sort=name")
        browser.wait("document.querySelector('.table')?.getAttribute('aria-rowcount') === '10000'", 30)
        browser.script("scrollTo(0, document.body.scrollHeight)")
        browser.wait("[...document.querySelectorAll('.table-row')].some(one => one.textContent.includes('team-49'))")
        assert browser.script("return document.querySelectorAll('.table-row').length") < 120
        browser.open(f"{crowd.url}/applications/{crowd.big}")
        browser.wait("document.querySelectorAll('.graph .node').length > 5", 30)
        crowd.rate = 50
        for part in (0.3, 0.6, 0.9, 0):
            browser.script(f"scrollTo(0, document.body.scrollHeight * {part})")
            browser.wait("document.querySelectorAll('.node').length > 5")
            assert browser.script("return document.querySelectorAll('*').length") < 6_000
        browser.wait("[...document.querySelectorAll('.node')].some(one => one.textContent.includes('changed'))", 30, "a change among them")
        crowd.rate = 0
        opens(varde, browser, "/")
    browser.complaints()


JOURNEYS = [signs_in, sees_a_push, finds_the_failure, works_by_keyboard, visits_every_page, sees_what_leads_where, acts_on_objects, reads_logs,
            hides_secrets, pauses_and_pins, approves_a_deletion, follows_a_commit, reads_a_plan, sees_own_rights, speaks_norwegian, is_accessible, bears_a_crowd, survives_a_restart, fits_a_phone]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--varde", required=True)
    parser.add_argument("--axe", type=pathlib.Path, help="without it accessibility is not checked")
    parser.add_argument("--source", action="store_true", help="the console's files are those of the source tree")
    parser.add_argument("--only", action="append", help="a journey's name; the first two are always made")
    arguments = parser.parse_args()
    if arguments.axe:
        accessibility.AXE = arguments.axe.read_text()
    journeys = [one for one in JOURNEYS if not arguments.only or one in (signs_in, sees_a_push) or one.__name__ in arguments.only]
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        varde = Varde(str(pathlib.Path(arguments.varde).resolve()), directory / "data", arguments.source)
        try:
            varde.settled()
            with Browser() as browser:
                if accessibility.AXE:
                    accessibility.prepare(browser)
                for journey in journeys:
                    begin = time.monotonic()
                    try:
                        journey(varde, browser, directory)
                        complaints = browser.complaints()
                        assert not complaints, complaints
                        print(f"ok      {journey.__doc__} ({time.monotonic() - begin:.0f} s)", flush=True)
                    except (AssertionError, TimeoutError, WebDriverException) as error:
                        failed += 1
                        print(f"FAILED  {journey.__doc__}: {error}", flush=True)
                        browser.shot(pathlib.Path(tempfile.gettempdir()) / f"journey-{journey.__name__}.png")
        finally:
            if varde.process.poll() is None:
                varde.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
