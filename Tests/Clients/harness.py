"""What the programs of this directory share: checks with a sentence each, waiting with a deadline, a summary.

A program declares its checks with `@check("What must hold")`, in the order in which they run, and ends with
`main()`. It exits with 1 if a check failed. Its target is the context that $VARDE_CONTEXT names, of $KUBECONFIG.
"""
import os
import secrets
import subprocess
import sys
import time
import traceback

CONTEXT = os.environ.get("VARDE_CONTEXT", "work")
_checks = []


class Failure(Exception):
    """A check that does not hold, in words."""


def check(title):
    def note(function):
        _checks.append((title, function))
        return function
    return note


def equal(found, wanted, what="value"):
    if found != wanted:
        raise Failure(f"{what}: found {found!r}, wanted {wanted!r}")


def holds(condition, what):
    if not condition:
        raise Failure(what)


def contains(text, part):
    if part not in text:
        raise Failure(f"{part!r} is not in:\n{text}")


def raises(kind, function):
    """The exception of that kind that the function must raise."""
    try:
        function()
    except kind as error:
        return error
    raise Failure(f"{kind.__name__} was not raised")


def until(function, what, seconds=30):
    """What the function returns once that is true; exceptions count as not yet."""
    end = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = function()
            if last:
                return last
        except Exception as error:
            last = error
        if time.monotonic() > end:
            raise Failure(f"not within {seconds} s: {what}; last seen: {last!r}")
        time.sleep(0.2)


def unique(prefix):
    return f"{prefix}-{secrets.token_hex(3)}"


def run(*command, stdin=None, status=0, env=None, timeout=60, cwd=None):
    """Standard output and error of a command that must end with this status; with None, any will do."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout, cwd=cwd,
                          env={**os.environ, **(env or {})})
    text = done.stdout + done.stderr
    if status is not None and done.returncode != status:
        raise Failure(f"{' '.join(command)} ended with {done.returncode}, wanted {status}:\n{text}")
    return text


def kubectl(*arguments, **options):
    return run("kubectl", "--context", CONTEXT, *arguments, **options)


def main():
    wanted = sys.argv[1:]
    passed = failed = 0
    for number, (title, function) in enumerate(_checks):
        # The first makes what the others use.
        if wanted and number and not any(word in title for word in wanted):
            continue
        start = time.monotonic()
        try:
            function()
        except Exception as error:
            failed += 1
            print(f"FAIL {title}")
            text = str(error) if isinstance(error, (Failure, subprocess.TimeoutExpired)) else traceback.format_exc()
            print("     " + text.strip().replace("\n", "\n     "))
        else:
            passed += 1
            print(f"PASS {title} ({time.monotonic() - start:.1f} s)")
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    # Threads of the clients may still wait for something.
    os._exit(1 if failed or not passed else 0)
