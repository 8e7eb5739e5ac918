#!/usr/bin/env python3
"""Pushes to the demonstration what pages are hard to draw with: long names, right-to-left text, one object and a thousand, a sync that waits,
a deletion that is held, a file that cannot be read, a branch with a plan.

    stories.py --data DIR --varde PROGRAM
"""
import argparse
import os
import pathlib
import subprocess
import tempfile
import time

LONG = "kart-a-namespace-whose-name-is-nearly-as-long-as-names-may-be"
IMAGE = "registry.with.a.long.name.example:5000/group/subgroup/project/service-with-a-long-name:v1.2.3-rc.4.build.20261123"


def deployment(name, image="nginx:1.29", replicas=1, wave=0, pod="", container=""):
    return f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, annotations: {{argocd.argoproj.io/sync-wave: "{wave}"}}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}, annotations: {{{pod}}}}}
    spec: {{containers: [{{name: web, image: "{image}"{container}}}]}}
---
"""


def config_map(name, more=""):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{more}}}\ndata: {{a: b}}\n---\n"


KEPT = config_map("kept", ', annotations: {argocd.argoproj.io/sync-options: "Prune=confirm"}')
STORIES = {
    f"dev/{LONG}": deployment("a-deployment-with-a-name-that-is-as-long-as-names-may-be-here", IMAGE, 12),
    "dev/kart-thousand": "".join(config_map(f"settings-{number:04}") for number in range(1_000)),
    "dev/kart-lacking": deployment("lacking", replicas=2, container=", envFrom: [{configMapRef: {name: not-there}}]"),
    "dev/kart-crashing": deployment("crashing", pod="sim.varde.dev/fail: crash-loop"),
    "dev/kart-waiting": deployment("first", wave=-1, pod="sim.varde.dev/start-after: 280s") + deployment("second"),
    "dev/kart-held": config_map("other") + KEPT,
    "test/kart-unreadable": "apiVersion: v1\nkind: ConfigMap\n  metadata: {name: x\n",
}


def git(directory, *arguments):
    subprocess.run(["git", *arguments], cwd=directory, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "שרה כהן", "GIT_AUTHOR_EMAIL": "sara@example.org",
                        "GIT_COMMITTER_NAME": "שרה כהן", "GIT_COMMITTER_EMAIL": "sara@example.org"})


def tell(data, varde):
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name) / "work"
        git(name, "clone", str(data / "git/kart-apps.git"), str(work))

        def push(subject, branch="HEAD"):
            git(work, "add", "-A")
            git(work, "commit", "-m", subject)
            git(work, "push", "origin", branch)
        for place, text in STORIES.items():
            (work / "env" / place).mkdir(parents=True)
            (work / "env" / place / "app.yaml").write_text(text)
        push("שלום: הוספת שירות חדש עם שם ארוך (ticket KART-123)")
        time.sleep(6)
        (work / "env/dev/kart-held/app.yaml").write_text(config_map("other"))
        push("Let go of what was kept")
        git(work, "checkout", "-b", "more")
        app = work / f"env/dev/{LONG}/app.yaml"
        app.write_text(app.read_text().replace("replicas: 12", "replicas: 14"))
        (work / "env/dev/kart-crashing/app.yaml").unlink()
        push("Two more, and no crashes", "more")
        subprocess.run([varde, "plan", "--data", str(data), "--repo", str(data / "git/kart-apps.git"), "--revision", "more"],
                       check=False, stdout=subprocess.DEVNULL, timeout=60)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--varde", required=True)
    arguments = parser.parse_args()
    tell(arguments.data.resolve(), arguments.varde)


if __name__ == "__main__":
    main()
