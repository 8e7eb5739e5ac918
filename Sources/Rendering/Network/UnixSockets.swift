#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The few calls on sockets that a process without event loops needs.
enum UnixSockets {
    static func make(_ family: Int32, datagrams: Bool = false) -> Int32 {
        #if canImport(Glibc)
        let kind = Int32((datagrams ? SOCK_DGRAM : SOCK_STREAM).rawValue)
        #else
        let kind = datagrams ? SOCK_DGRAM : SOCK_STREAM
        #endif
        let socket = socket(family, kind, 0)
        // The tool gets none of these.
        if socket >= 0 { _ = fcntl(socket, F_SETFD, FD_CLOEXEC) }
        return socket
    }

    static func neverWait(_ socket: Int32) {
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    }

    static func closed(_ socket: Int32) -> Bool { close(socket) == 0 }

    /// - Parameter port: 0 picks a free one.
    static func listen(on address: String, port: Int) -> (socket: Int32, port: Int)? {
        let isNew = address.contains(":")
        let socket = make(isNew ? AF_INET6 : AF_INET)
        guard socket >= 0 else { return nil }
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        four.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = four.sin_port
        var one: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let isBound =
            isNew
            ? inet_pton(AF_INET6, address, &six.sin6_addr) == 1 && bound(socket, &six)
            : inet_pton(AF_INET, address, &four.sin_addr) == 1 && bound(socket, &four)
        #if canImport(Glibc)
        let isListening = isBound && Glibc.listen(socket, 64) == 0
        #elseif canImport(Musl)
        let isListening = isBound && Musl.listen(socket, 64) == 0
        #else
        let isListening = isBound && Darwin.listen(socket, 64) == 0
        #endif
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard isListening else {
            close(socket)
            return nil
        }
        guard !isNew else { return (socket, port) }
        withUnsafeMutablePointer(to: &four) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        return (socket, Int(in_port_t(bigEndian: four.sin_port)))
    }

    private static func bound<Address>(_ socket: Int32, _ address: inout Address) -> Bool {
        let size = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) } == 0
        }
    }

    /// Connects to a socket in the file system, however long its directory's path is.
    static func connect(in directory: String, to name: String) -> Int32? {
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let socket = make(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: "\(shortPath(of: folder))/\(name)".utf8.prefix(bytes.count - 1))
        }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        #if canImport(Glibc)
        let call = Glibc.connect
        #elseif canImport(Musl)
        let call = Musl.connect
        #else
        let call = Darwin.connect
        #endif
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(socket, $0, size) } == 0
        }
        guard isConnected else {
            close(socket)
            return nil
        }
        return socket
    }

    /// An open directory's path in few letters: the name of a socket has at most 107 bytes.
    static func shortPath(of folder: Int32) -> String { "/proc/self/fd/\(folder)" }
}
