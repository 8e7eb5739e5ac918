#!/usr/bin/env python3
"""Writes a picture of every page of the console, light and dark and as wide as a phone.

    screenshots.py --console http://127.0.0.1:8080 --token TOKEN --out DIR [--only NAME] [--application ID]
"""
import argparse
import json
import pathlib
import sys
import urllib.request

from browser import Browser

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
        for tab in ("diff", "events", "logs", "history"):
            yield f"application-{tab}", f"{page}?tab={tab}", ""
        yield "object", page, "document.querySelector('.node[aria-label^=\"Pod\"], .object-row .row-link')?.click()"
        yield "object-manifest", page, """document.querySelector('.node, .object-row .row-link')?.click();
            return new Promise(done => setTimeout(() => { document.querySelectorAll('.drawer .subtabs a')[1]?.click(); done(); }, 500))"""
    for state in ("Refused", "Held", "Failed"):
        found = next((one["id"] for one in items if one["sync"] == state), None)
        if found:
            yield f"application-{state.lower()}", f"/applications/{found}", ""
    yield "palette", "/", "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true}))"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--console", default="http://127.0.0.1:8080")
    parser.add_argument("--token", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", action="append", help="a page's name; may be repeated")
    parser.add_argument("--variant", action="append", choices=["light", "dark", "phone"])
    parser.add_argument("--application")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    items = applications(arguments.console, arguments.token)
    complaints = []
    variants = [("light", 1440, 900, False), ("dark", 1440, 900, True), ("phone", 390, 844, False)]
    with Browser() as browser:
        browser.open(f"{arguments.console}/?token={arguments.token}")
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
                complaints += [f"{name}-{variant}: {text}" for text in browser.complaints()]
    for text in complaints:
        print(text, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
