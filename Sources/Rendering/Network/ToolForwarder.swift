import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs a tool beside a relay: what the tool sends to a port of its loopback goes to a socket in the file system, which is
/// all that leads out of its network namespace.
///
/// This is the first process of the namespace; when it ends, everything in it does.
package struct ToolForwarder {
    /// The directory with the proxy's socket.
    package var directory: String
    /// Ports of the loopback that stand for the same ports outside: `host:port`, of addresses that proxies are not asked for.
    package var doors: [String]
    /// Whether the loopback is ours to bring up.
    package var ownsNetwork: Bool

    /// The socket's name in its directory.
    static let socketName = "proxy"
    /// What a shell answers for a program that cannot be run.
    private static let notFound: Int32 = 127

    package init(directory: String, doors: [String], ownsNetwork: Bool) {
        self.directory = directory
        self.doors = doors
        self.ownsNetwork = ownsNetwork
    }

    /// - Returns: The tool's exit code; 128 and the signal's number for one that was killed.
    package func run(_ words: [String]) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        if ownsNetwork { LoopbackInterface.bringUp() }
        guard let relay = ForwarderRelay(directory: directory) else {
            return fail("no socket can be listened on: \(String(cString: strerror(errno)))")
        }
        for door in doors { relay.listen(at: door) }
        var environment = ProcessInfo.processInfo.environment
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
            environment[name] = "http://127.0.0.1:\(relay.port)"
        }
        guard let child = spawn(words, environment) else {
            return fail("\(words.first ?? "") cannot be run: \(String(cString: strerror(errno)))")
        }
        while true {
            relay.step(milliseconds: 10)
            if let code = ended(child) { return code }
        }
    }

    private func fail(_ reason: String) -> Int32 {
        let text = Array("error: \(reason)\n".utf8)
        _ = write(2, text, text.count)
        return Self.notFound
    }

    private func spawn(_ words: [String], _ environment: [String: String]) -> pid_t? {
        guard let program = words.first else { return nil }
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        let answer = posix_spawn(&child, program, nil, nil, &arguments, &variables)
        errno = answer
        return answer == 0 ? child : nil
    }

    /// Also buries the children that nobody else is left for.
    private func ended(_ child: pid_t) -> Int32? {
        var status: Int32 = 0
        while true {
            let found = waitpid(-1, &status, WNOHANG)
            guard found > 0 else { return found < 0 && errno == ECHILD ? Self.notFound : nil }
            guard found == child else { continue }
            let signal = status & 0x7f
            return signal == 0 ? (status >> 8) & 0xff : 128 + signal
        }
    }
}

/// The interface that a new network namespace has.
private enum LoopbackInterface {
    /// Linux: `SIOCGIFFLAGS`, `SIOCSIFFLAGS` of `struct ifreq`, the name first, the flags after 16 bytes.
    private static let (reading, writing) = (UInt(0x8913), UInt(0x8914))
    private static let up: UInt8 = 1

    static func bringUp() {
        let socket = UnixSockets.make(AF_INET, datagrams: true)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<2, with: "lo".utf8)
        request.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress, ioctl(socket, reading, start) == 0 else { return }
            bytes[16] |= up
            // Without it nothing listens, which the tool says in its own words.
            _ = ioctl(socket, writing, start)
        }
    }
}
