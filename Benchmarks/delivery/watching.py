"""A watch of one kind in one namespace, as a client has it: what happened to which object, and when."""
import json, re, select, time

import load


class Watch:
    def __init__(self, target, path):
        status, body, _ = target.call("GET", path)
        if status != 200:
            raise SystemExit(f"{target.name} answered {status} to {path}")
        # The list's own version comes before those of its items; the answer may be cut into chunks.
        version = re.search(rb'"resourceVersion": ?"(\d+)"', body)[1].decode()
        self.connection = target.connect(30)
        self.connection.sendall(target.request("GET", f"{path}?watch=1&resourceVersion={version}"))
        self.text = b""
        self.events = []

    def close(self):
        self.connection.close()

    def next(self, matches, seconds=10):
        """The moment at which an event came for which `matches(type, object)`; events are used up."""
        end = time.monotonic() + seconds
        while True:
            while self.events:
                moment, kind, thing = self.events.pop(0)
                if matches(kind, thing):
                    return moment
            left = end - time.monotonic()
            if left <= 0:
                return None
            if not self.connection.pending() and not select.select([self.connection], [], [], left)[0]:
                return None
            data = self.connection.recv(1 << 16)
            moment = time.time()
            if not data:
                raise ConnectionError("the watch ended")
            self.read(data, moment)

    def read(self, data, moment):
        # Events are one JSON object a line; the chunks' lengths and the head are lines that are none.
        self.text += data
        *lines, self.text = self.text.split(b"\n")
        for line in lines:
            if line.startswith(b'{"type"'):
                event = json.loads(line)
                self.events.append((moment, event["type"], event["object"]))
