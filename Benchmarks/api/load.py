"""A load generator that costs little: raw HTTP/1.1 over TLS, many connections in one thread, requests made beforehand.

A request costs it about a tenth of what it costs `requests` or `http.client`, so that on a small machine the server is what
is measured and not the client.
"""
import collections, resource, select, socket, ssl, time


CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


class Target:
    """Where a server is and who we are there."""

    def __init__(self, name, port, token, pid_list, prefix=""):
        self.name, self.port, self.token, self.pids, self.prefix = name, port, token, pid_list, prefix

    def request(self, method, path, body=b"", content="application/json", accept="application/json", extra=""):
        head = (f"{method} {self.prefix}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Authorization: Bearer {self.token}\r\nAccept: {accept}\r\n{extra}")
        if body:
            head += f"Content-Type: {content}\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def apply(self, path, body, manager="bench", extra=""):
        return self.request("PATCH", f"{path}?fieldManager={manager}&force=true", body, "application/apply-patch+yaml", extra=extra)

    def connect(self, timeout=None):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return CONTEXT.wrap_socket(plain)

    def cpu(self):
        """Seconds of processor time that the server's processes have used."""
        return sum(cpu(pid) for pid in self.pids)

    def memory(self):
        """Resident bytes of the server's processes."""
        return sum(memory(pid) for pid in self.pids)

    def call(self, method, path, body=b"", timeout=None, **options):
        """One request on a connection of its own: status, body, seconds from sending to the last byte."""
        with self.connect(timeout) as connection:
            return exchange(connection, self.request(method, path, body, **options))


def cpu(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
    return 0


class Answers:
    """Cuts a stream of bytes into answers, of which only status and length count."""

    def __init__(self):
        self.buffer = bytearray()
        self.missing = None
        self.status = 0
        self.chunked = False

    def feed(self, data):
        """The status of the answer that `data` completes, or 0."""
        if self.missing is None:
            self.buffer += data
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return 0
            head = bytes(self.buffer[:end]).lower()
            self.status = int(head[9:12])
            at = head.find(b"content-length:")
            self.chunked = at < 0
            if not self.chunked:
                self.missing = int(head[at + 15:].split(b"\r\n", 1)[0]) - (len(self.buffer) - end - 4)
            elif self.buffer.endswith(b"0\r\n\r\n"):
                self.missing = 0
            else:
                return 0
        else:
            self.missing -= len(data)
        if self.missing > 0:
            return 0
        self.buffer.clear()
        self.missing = None
        return self.status


def exchange(connection, request):
    start = time.perf_counter()
    connection.sendall(request)
    parts, missing, isChunked = [], None, False
    while True:
        data = connection.recv(1 << 18)
        if not data:
            break
        parts.append(data)
        if missing is None and not isChunked:
            head = b"".join(parts)
            end = head.find(b"\r\n\r\n")
            if end < 0:
                continue
            lower = head[:end].lower()
            at = lower.find(b"content-length:")
            isChunked = at < 0
            if not isChunked:
                missing = int(lower[at + 15:].split(b"\r\n", 1)[0]) - (len(head) - end - 4)
        elif missing is not None:
            missing -= len(data)
        if missing is not None and missing <= 0 or isChunked and b"".join(parts[-2:]).endswith(b"\r\n0\r\n\r\n"):
            break
    elapsed = time.perf_counter() - start
    whole = b"".join(parts)
    end = whole.find(b"\r\n\r\n")
    return int(whole[9:12]), whole[end + 4:], elapsed


Result = collections.namedtuple("Result", "count seconds rate median p99 statuses server_cpu client_cpu")


def run(target, requests, in_flight):
    """Sends every request, `in_flight` at a time on as many connections, and measures."""
    connections = [target.connect() for _ in range(in_flight)]
    poll = select.epoll()
    by_number, statuses, times = {}, collections.Counter(), []
    for connection in connections:
        connection.setblocking(False)
        poll.register(connection, select.EPOLLIN)
        by_number[connection.fileno()] = [connection, Answers(), 0.0]
    waiting = iter(requests)
    begin_server, begin_client = target.cpu(), resource.getrusage(resource.RUSAGE_SELF)
    now = time.perf_counter
    begin, done, wanted = now(), 0, 0
    for entry in by_number.values():
        request = next(waiting, None)
        if request is None:
            break
        entry[2] = now()
        entry[0].sendall(request)
        wanted += 1
    while done < wanted:
        for number, _ in poll.poll():
            entry = by_number[number]
            connection, answers = entry[0], entry[1]
            while True:
                try:
                    data = connection.recv(65536)
                except ssl.SSLWantReadError:
                    break
                if not data:
                    raise ConnectionError(f"{target.name} closed a connection")
                status = answers.feed(data)
                if status:
                    done += 1
                    statuses[status] += 1
                    times.append(now() - entry[2])
                    request = next(waiting, None)
                    if request is not None:
                        entry[2] = now()
                        connection.sendall(request)
                        wanted += 1
                    break
                if not connection.pending():
                    break
    seconds = now() - begin
    used = resource.getrusage(resource.RUSAGE_SELF)
    client = used.ru_utime + used.ru_stime - begin_client.ru_utime - begin_client.ru_stime
    server = target.cpu() - begin_server
    for connection in connections:
        connection.close()
    times.sort()
    return Result(done, seconds, done / seconds, times[len(times) // 2], times[int(len(times) * .99)], dict(statuses),
                  server, client)
