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

AXE = None
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def prepare(browser):
    """Puts axe into every page before any script of the page, where the content policy does not reach."""
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": AXE})


def violations(browser):
    """What axe says of the page, as lines."""
    # What is still coming in is faint.
    browser.script("""return Promise.all(document.getAnimations().filter(one => one.effect.getComputedTiming().iterations !== Infinity)
        .map(one => one.finished.catch(() => {}))).then(() => 0)""")
    result = browser.driver.execute_async_script(
        "const done = arguments[1]; axe.run({runOnly: JSON.parse(arguments[0])}).then(done, e => done({violations: [], error: String(e)}))",
        json.dumps(TAGS))
    assert "error" not in result, result["error"]
    return [f"{one['impact']}: {one['id']}: {one['help']}: {node['html'][:150]}" for one in result["violations"] for node in one["nodes"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--console", default="http://127.0.0.1:8080")
    parser.add_argument("--token", required=True)
    parser.add_argument("--axe", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    global AXE
    AXE = arguments.axe.read_text()
    items = applications(arguments.console, arguments.token)
    found = {}
    with Browser() as browser:
        prepare(browser)
        browser.open(f"{arguments.console}/?token={arguments.token}")
        for language in ("en", "nb"):
            browser.driver.add_cookie({"name": "varde-language", "value": language, "path": "/"})
            for dark in (False, True):
                browser.theme(dark)
                for name, address, script in pages(items, None):
                    browser.open(arguments.console + address)
                    browser.wait(READY, what=name)
                    if script:
                        browser.script(script)
                    browser.script("return new Promise(done => setTimeout(done, 600))")
                    for text in violations(browser):
                        found.setdefault(text, []).append(f"{name} {language}{' dark' if dark else ''}")
    for text, where in sorted(found.items()):
        print(f"{text}\n    {', '.join(dict.fromkeys(where))[:160]}")
    print(f"{len(found)} findings")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
