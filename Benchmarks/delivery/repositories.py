"""Repositories as the platform's and the teams' are, made and pushed to with the real git."""
import json, os, pathlib, subprocess, time

QUIET = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}


def git(*words, cwd, data=None):
    return subprocess.run(["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0",
                           "-c", "maintenance.auto=false", *words], cwd=cwd, check=True, env=QUIET, input=data,
                          stdout=subprocess.PIPE).stdout


class Repository:
    """A bare repository, and a clone in which commits are made."""

    def __init__(self, folder, files):
        self.bare, self.work = pathlib.Path(folder), pathlib.Path(f"{folder}.work")
        self.work.mkdir(parents=True)
        git("init", "-q", "--bare", "-b", "main", str(self.bare), cwd=self.work)
        git("init", "-q", "-b", "main", ".", cwd=self.work)
        git("remote", "add", "origin", str(self.bare), cwd=self.work)
        self.push(files, "Begin")

    def commit(self, files, message):
        for path, text in files.items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_text(text)
        git("add", ".", cwd=self.work)
        git("commit", "-q", "--allow-empty", "-m", message, cwd=self.work)

    def push(self, files, message="Change"):
        """Commits, and pushes in one step: the objects first, then the branch by `update-ref`. The time of the latter."""
        self.commit(files, message)
        git("push", "-q", "origin", "HEAD:refs/staged/next", cwd=self.work)
        head = git("rev-parse", "HEAD", cwd=self.work).decode().strip()
        begun = time.time()
        git("update-ref", "refs/heads/main", head, cwd=self.bare)
        return begun


def tenant(name, url):
    return json.dumps({"apiVersion": "varde.dev/v1alpha1", "kind": "Tenant", "metadata": {"name": name},
                       "spec": {"prefixes": [name], "repositories": [{"url": str(url)}]}})


def cluster(name):
    return json.dumps({"apiVersion": "varde.dev/v1alpha1", "kind": "Cluster", "metadata": {"name": name},
                       "spec": {"environment": "test", "location": "on-premises", "connection": {"embedded": {}},
                                "nodePools": [{"name": "workers", "replicas": 10, "cpu": "64", "memory": "256Gi"}]}})
