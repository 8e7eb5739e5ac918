import GitSource

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Moves bytes between connections to the loopback and the proxy's socket; one thread, nothing that waits but ``step(milliseconds:)``.
final class ForwarderRelay {
    /// Of the proxy.
    let port: Int

    private var listeners: [(socket: Int32, door: String?)]
    private var links: [ForwarderLink] = []
    private let directory: String

    /// - Returns: `nil` when the loopback cannot be listened on.
    init?(directory: String) {
        guard let (socket, port) = UnixSockets.listen(on: "127.0.0.1", port: 0) else { return nil }
        self.directory = directory
        self.port = port
        listeners = [(socket, nil)]
    }

    /// Listens for an address of the loopback that is meant to be the one outside: programs do not ask proxies for those.
    func listen(at door: String) {
        let (host, port) = AllowedHosts.split(door)
        guard let port else { return }
        for address in host == "localhost" ? ["127.0.0.1", "::1"] : [host] {
            if let (socket, _) = UnixSockets.listen(on: address, port: port) {
                listeners.append((socket, "\(host.contains(":") ? "[\(host)]" : host):\(port)"))
            }
        }
    }

    /// Does what can be done, and waits this long at most when nothing can.
    func step(milliseconds: Int32) {
        var polled = listeners.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
        for link in links { polled += link.interests }
        guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return }
        for (index, link) in links.enumerated() {
            let place = listeners.count + index * 2
            link.move(polled[place].revents, polled[place + 1].revents)
        }
        links.removeAll { link in
            if link.isOver { link.close() }
            return link.isOver
        }
        for (index, listener) in listeners.enumerated() where polled[index].revents != 0 { accept(listener) }
    }

    private func accept(_ listener: (socket: Int32, door: String?)) {
        #if canImport(Glibc)
        let near = Glibc.accept(listener.socket, nil, nil)
        #elseif canImport(Musl)
        let near = Musl.accept(listener.socket, nil, nil)
        #else
        let near = Darwin.accept(listener.socket, nil, nil)
        #endif
        guard near >= 0 else { return }
        guard links.count < 256, let far = UnixSockets.connect(in: directory, to: ToolForwarder.socketName)
        else {
            close(near)
            return
        }
        UnixSockets.neverWait(near)
        UnixSockets.neverWait(far)
        links.append(ForwarderLink(near: near, far: far, door: listener.door))
    }
}

/// Two connections that are one.
final class ForwarderLink {
    private struct Half {
        let from: Int32
        let to: Int32
        var pending: [UInt8] = []
        var isEnded = false
        var isDone = false
    }

    private var outward: Half
    private var inward: Half
    /// Whether the proxy's answer to `CONNECT` is still to come, which the tool must not see.
    private var awaitsAnswer: Bool
    private(set) var isOver = false

    init(near: Int32, far: Int32, door: String?) {
        outward = Half(from: near, to: far)
        inward = Half(from: far, to: near)
        awaitsAnswer = door != nil
        if let door { outward.pending = Array("CONNECT \(door) HTTP/1.1\r\nHost: \(door)\r\n\r\n".utf8) }
    }

    /// First of the tool's connection, then of the proxy's.
    var interests: [pollfd] {
        func interest(_ socket: Int32, reads: Half, writes: Half) -> pollfd {
            var events = Int16(0)
            if !reads.isEnded, reads.pending.count < 1 << 16 { events |= Int16(POLLIN) }
            if !writes.pending.isEmpty, !(awaitsAnswer && socket == inward.to) { events |= Int16(POLLOUT) }
            // A negative number is passed over; an ended connection would say so for ever.
            return pollfd(fd: events == 0 ? -1 : socket, events: events, revents: 0)
        }
        return [
            interest(outward.from, reads: outward, writes: inward),
            interest(inward.from, reads: inward, writes: outward),
        ]
    }

    func move(_ near: Int16, _ far: Int16) {
        if near != 0 { read(&outward) }
        if far != 0 { read(&inward) }
        if awaitsAnswer { takeAnswer() }
        write(&outward)
        if !awaitsAnswer { write(&inward) }
        if outward.isDone && inward.isDone { isOver = true }
    }

    func close() {
        _ = UnixSockets.closed(outward.from)
        _ = UnixSockets.closed(inward.from)
    }

    private func takeAnswer() {
        guard let end = inward.pending.firstRange(of: "\r\n\r\n".utf8)?.upperBound else {
            if inward.isEnded || inward.pending.count > ProxyRequest.headLimit { isOver = true }
            return
        }
        // Refused: the connection ends, as it would where nobody listens; why is in the proxy's journal.
        if !inward.pending.starts(with: "HTTP/1.1 200".utf8) { isOver = true }
        inward.pending.removeSubrange(..<end)
        awaitsAnswer = false
    }

    private func read(_ half: inout Half) {
        guard !half.isEnded, half.pending.count < 1 << 16 else { return }
        var buffer = [UInt8](repeating: 0, count: 1 << 15)
        let count = recv(half.from, &buffer, buffer.count, 0)
        if count > 0 {
            half.pending += buffer.prefix(count)
        } else if count == 0 {
            half.isEnded = true
        } else if errno != EAGAIN && errno != EINTR {
            isOver = true
        }
    }

    private func write(_ half: inout Half) {
        while !half.pending.isEmpty {
            let count = send(half.to, half.pending, half.pending.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else {
                if errno != EAGAIN && errno != EINTR { isOver = true }
                return
            }
            half.pending.removeFirst(count)
        }
        guard half.isEnded, !half.isDone else { return }
        half.isDone = true
        shutdown(half.to, Int32(SHUT_WR))
    }
}
