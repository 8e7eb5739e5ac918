#!/usr/bin/env python3
"""Checks the pages of the console against WCAG 2.2 AA by axe-core, light and dark.

    accessibility.py --console http://127.0.0.1:8080 --token TOKEN --axe PATH/axe.min.js

axe-core comes with PyPI's `axe-playwright-python` (`axe_playwright_python/axe.min.js`).
"""
import argparse
import json
import pathlib
import sys

from browser import Browser
from screenshots import READY, applications, pages

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--console", default="http://127.0.0.1:8080")
    parser.add_argument("--token", required=True)
    parser.add_argument("--axe", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    axe = arguments.axe.read_text()
    items = applications(arguments.console, arguments.token)
    found = {}
    with Browser() as browser:
        # Before any script of the page, where the content policy does not reach.
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": axe})
        browser.open(f"{arguments.console}/?token={arguments.token}")
        for dark in (False, True):
            browser.theme(dark)
            for name, address, script in pages(items, None):
                browser.open(arguments.console + address)
                browser.wait(READY, what=name)
                if script:
                    browser.script(script)
                browser.script("return new Promise(done => setTimeout(done, 600))")
                result = browser.driver.execute_async_script(
                    "const done = arguments[1]; axe.run({runOnly: JSON.parse(arguments[0])}).then(done, e => done({violations: [], error: String(e)}))",
                    json.dumps(TAGS))
                for violation in result["violations"]:
                    for node in violation["nodes"]:
                        key = (violation["id"], node["html"][:150])
                        found.setdefault(key, (violation["impact"], violation["help"], []))[2].append(f"{name}{' dark' if dark else ''}")
    for (rule, html), (impact, text, where) in sorted(found.items()):
        print(f"{impact}: {rule}: {text}\n    {html}\n    {', '.join(dict.fromkeys(where))[:160]}")
    print(f"{len(found)} findings")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
