import GitSource
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds the addresses of a host.
typealias HostResolution = @Sendable (_ host: String) async throws -> [NetworkAddress]

/// Asks the system, on a thread that may wait.
enum SystemHostResolution {
    static func addresses(of host: String) async throws -> [NetworkAddress] {
        try await NIOThreadPool.singleton.runIfActive { look(up: host) }
    }

    private static func look(up host: String) -> [NetworkAddress] {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var result: [NetworkAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(text.count)
            guard getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0
            else {
                continue
            }
            // Without the zone of a link-local address, which is not connected to anyway.
            let digits = text.prefix { $0 != 0 && $0 != CChar(bitPattern: UInt8(ascii: "%")) }
            let address = NetworkAddress(String(decoding: digits.map(UInt8.init(bitPattern:)), as: UTF8.self))
            if let address, !result.contains(address) { result.append(address) }
        }
        return result
    }
}
