#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The hosts that a tenant may have something read from, as `network.hosts` of a `Tenant` names them.
///
/// An entry is a name, `*.` and the end of names, or an address, each with a port if it is for that port only
/// (`[::1]:8443`). Without a port it is for 443 and 80.
package struct AllowedHosts: Sendable, Hashable {
    private struct Entry: Hashable {
        /// In lower case; an address as the system writes it.
        var name: String
        /// Whether it stands for all names that end with `.` and ``name``.
        var isSuffix: Bool
        var port: Int?
    }

    private let entries: [Entry]

    package init(_ texts: some Sequence<String>) {
        entries = texts.compactMap { text in
            var text = text.lowercased()
            let isSuffix = text.hasPrefix("*.")
            if isSuffix { text.removeFirst(2) }
            let (name, port) = Self.split(text)
            guard !name.isEmpty else { return nil }
            return Entry(name: Self.canonical(name), isSuffix: isSuffix, port: port)
        }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// Whether a host, or an address, may be asked at a port.
    package func allow(_ host: String, port: Int) -> Bool {
        entries.contains { entry in
            guard names(entry, Self.canonical(host)) else { return false }
            return entry.port.map { $0 == port } ?? (port == 443 || port == 80)
        }
    }

    /// Whether a host may be asked at some port.
    package func allow(_ host: String) -> Bool { entries.contains { names($0, Self.canonical(host)) } }

    /// The entries that are an address of this machine itself, or `localhost`: the name and its ports.
    package var ownAddresses: [(host: String, ports: [Int])] {
        entries.compactMap { entry in
            guard !entry.isSuffix, entry.name == "localhost" || NetworkAddress(entry.name)?.isLoopback == true
            else { return nil }
            return (entry.name, entry.port.map { [$0] } ?? [443, 80])
        }
    }

    private func names(_ entry: Entry, _ host: String) -> Bool {
        guard entry.isSuffix else { return entry.name == host }
        // The end of an address is no domain.
        return host.hasSuffix("." + entry.name) && NetworkAddress(host) == nil
    }

    /// `host:port`, `[address]:port`, `host`.
    package static func split(_ text: String) -> (host: String, port: Int?) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            return (host, rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil)
        }
        guard let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon else {
            return (text, nil)
        }
        return (String(text[..<colon]), Int(text[text.index(after: colon)...]))
    }

    /// What ``split(_:)`` takes apart.
    package static func joined(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func canonical(_ host: String) -> String {
        var host = host.lowercased()
        if host.hasSuffix("."), host.count > 1 { host.removeLast() }
        return NetworkAddress(host)?.description ?? host
    }
}

/// An address of the Internet protocol, version 4 or 6.
package struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16.
    private let bytes: [UInt8]

    /// `nil` for whatever is not written as an address.
    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            // An address of version 4 in the clothes of version 6 is what it is.
            self.bytes = Self.embedded(bytes) ?? bytes
        } else {
            return nil
        }
    }

    /// Of `::ffff:0:0/96`, `64:ff9b::/96`, and the old `::/96` but for `::` and `::1`.
    private static func embedded(_ bytes: [UInt8]) -> [UInt8]? {
        let head = Array(bytes.prefix(12))
        let tail = Array(bytes.suffix(4))
        let zeros = [UInt8](repeating: 0, count: 10)
        if head == zeros + [0xff, 0xff] || head == [0, 0x64, 0xff, 0x9b] + zeros.prefix(8) { return tail }
        return head == zeros + [0, 0] && tail.dropLast() != [0, 0, 0] ? tail : nil
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Whether it is no place in a network, but this machine, its link, or many at once: names that lead there are a trick, or
    /// a mistake.
    package var isConfined: Bool {
        if isLoopback { return true }
        guard bytes.count == 4 else {
            return bytes.allSatisfy { $0 == 0 } || bytes[0] == 0xff
                || (bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80)
        }
        return bytes[0] == 0 || bytes[0] >= 224 || (bytes[0] == 169 && bytes[1] == 254)
    }
}
