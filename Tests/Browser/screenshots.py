#!/usr/bin/env python3
"""Writes a picture of every page of the console, light and dark and as wide as a phone.

    screenshots.py --console http://127.0.0.1:8080 --token TOKEN --out DIR [--only NAME] [--application ID] [--language nb] [--crowd] [--empty]
"""
import argparse
import json
import pathlib
import re
import sys
import urllib.request

from browser import Browser
from crowd import Crowd

READY = "document.querySelector('main') && !document.querySelector('main .loading') && document.querySelector('.connection.is-live')"


def applications(console, token):
    request = urllib.request.Request(f"{console}/api/v1/applications", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["items"]


def pages(items, wanted):
    """Name, address, and a script to run there before the picture is taken."""
    worst = wanted or next((one["id"] for one in items if one["health"] == "Degraded"), items[0]["id"] if items else None)
    yield "fleet", "/", ""
    yield "applications", "/applications", ""
    yield "applications-search", "/applications?q=web&sort=name", ""
    yield "tenants", "/tenants", ""
    yield "clusters", "/clusters", ""
    if items:
        yield "tenant", f"/tenants/{items[0]['tenant']}", ""
        yield "cluster", f"/clusters/{items[0]['cluster']}", ""
        revision = items[0].get("desired")
        if revision:
            yield "commit", f"/commits/{revision['commit']}", ""
    if worst:
        page = f"/applications/{worst}"
        yield "application", page, ""
        yield "application-list", f"{page}?as=list", ""
        for tab in ("timeline", "diff", "events", "logs", "history"):
            yield f"application-{tab}", f"{page}?tab={tab}", ""
        yield "object", page, "document.querySelector('.node[aria-label^=\"Pod\"], .object-row .row-link')?.click()"
        yield "object-manifest", page, """document.querySelector('.node, .object-row .row-link')?.click();
            return new Promise(done => setTimeout(() => { document.querySelectorAll('.drawer .subtabs a')[1]?.click(); done(); }, 500))"""
    for state in ("Refused", "Held", "Failed"):
        found = next((one["id"] for one in items if one["sync"] == state), None)
        if found:
            yield f"application-{state.lower()}", f"/applications/{found}", ""
    calm = next((one["id"] for one in items if one["health"] == "Healthy" and "web" in one["namespace"]), None)
    if calm:
        tenant, _, rest = calm.partition("/")
        yield "application-healthy", f"/applications/{calm}", ""
        namespace = rest.split(".", 1)[1]
        object_page = f"/applications/{calm}?object=apps/Deployment:{namespace}/web"
        yield "object-workload", object_page, ""
        yield "object-logs", f"{object_page}&view=logs", ""
        for text in ("Scale", "Delete"):
            yield f"action-{text.lower()}", object_page, f"""return new Promise(done => setTimeout(() => {{
                [...document.querySelectorAll('.object-actions button')].find(one => one.textContent === '{text}')?.click(); done(); }}, 900))"""
        yield "action-pause", f"/applications/{calm}", "[...document.querySelectorAll('button')].find(one => one.textContent === 'Pause')?.click()"
    yield from stories(items)
    yield "plans", "/plans", ""
    yield "plan", "/plans", "document.querySelector('a.trouble')?.click()"
    yield "nothing", "/applications/no/no.no", ""
    yield "nothing-found", "/applications?q=there-is-no-such-thing", ""
    yield "palette", "/", "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true}))"


def stories(items):
    """What stories.py told: the pages that are hard to draw."""
    for one in items:
        story = re.search(r"kart-(a-namespace|thousand|lacking|crashing|waiting|held|unreadable)", one["namespace"])
        if not story:
            continue
        page = f"/applications/{one['id']}"
        name = f"story-{story.group(1).removeprefix('a-')}"
        yield name, page, ""
        if name == "story-waiting":
            yield f"{name}-timeline", f"{page}?tab=timeline", ""
        if name == "story-crashing":
            yield f"{name}-commit", f"/commits/{one['applied']['commit']}", ""
        if name == "story-held":
            yield f"{name}-approve", page, "[...document.querySelectorAll('button')].find(one => one.textContent.includes('Approve'))?.click()"


def nothing(arguments):
    """The pages of a Varde that has nothing yet, and the one that asks who is there."""
    with Browser() as browser:
        browser.open(f"{arguments.console}/")
        browser.wait("document.querySelector('#token')")
        browser.shot(arguments.out / "sign-in-light.png")
        browser.open(f"{arguments.console}/?token={arguments.token}")
        for name in ("", "applications", "tenants", "clusters", "plans"):
            browser.open(f"{arguments.console}/{name}")
            browser.wait(READY, what=name)
            browser.script("return new Promise(done => setTimeout(done, 400))")
            browser.shot(arguments.out / f"empty-{name or 'fleet'}-light.png")


def crowded(arguments):
    """The pages that have to bear thousands."""
    with Crowd(arguments.console, arguments.token) as crowd, Browser() as browser:
        browser.open(f"{crowd.url}/?token={arguments.token}")
        for dark in (False, True):
            browser.theme(dark)
            for name, address in (("crowd-fleet", "/"), ("crowd-applications", "/applications"), ("crowd-application", f"/applications/{crowd.big}")):
                browser.open(crowd.url + address)
                browser.wait(READY, 30, what=name)
                browser.script("return new Promise(done => setTimeout(done, 900))")
                browser.shot(arguments.out / f"{name}-{'dark' if dark else 'light'}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--console", default="http://127.0.0.1:8080")
    parser.add_argument("--token", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", action="append", help="a page's name; may be repeated")
    parser.add_argument("--variant", action="append", choices=["light", "dark", "phone"])
    parser.add_argument("--application")
    parser.add_argument("--language", choices=["en", "nb"], default="en")
    parser.add_argument("--crowd", action="store_true", help="the fleet, the list and one application with thousands")
    parser.add_argument("--empty", action="store_true", help="the pages of a Varde that has nothing")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.crowd:
        return crowded(arguments)
    if arguments.empty:
        return nothing(arguments)
    items = applications(arguments.console, arguments.token)
    complaints = []
    variants = [("light", 1440, 900, False), ("dark", 1440, 900, True), ("phone", 390, 844, False)]
    with Browser() as browser:
        browser.open(f"{arguments.console}/?token={arguments.token}")
        if arguments.language != "en":
            browser.driver.add_cookie({"name": "varde-language", "value": arguments.language, "path": "/"})
        for variant, width, height, dark in variants:
            if arguments.variant and variant not in arguments.variant:
                continue
            browser.size(width, height, 2 if variant == "phone" else 1)
            browser.theme(dark)
            for name, address, script in pages(items, arguments.application):
                if arguments.only and name not in arguments.only:
                    continue
                browser.open(arguments.console + address)
                browser.wait(READY, what=name)
                if script:
                    browser.script(script)
                browser.script("return new Promise(done => setTimeout(done, 700))")
                browser.shot(arguments.out / f"{name}-{variant}.png")
                complaints += [f"{name}-{variant}: {text}" for text in browser.complaints() if name != "nothing"]
    for text in complaints:
        print(text, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
