import Hummingbird

/// Refuses requests that name another host than ours.
///
/// A page on the internet can make its own name point to 127.0.0.1 (DNS rebinding); the browser then sends our requests with
/// that name in `Host`.
struct HostMiddleware: RouterMiddleware {
    private let names: Set<String>
    private let allowsAddresses: Bool

    /// - Parameter host: What is listened on; for a wildcard address any literal address of the machine is accepted, because
    ///   rebinding needs a name.
    init(host: String) {
        let host = host.lowercased()
        names = ["localhost", "127.0.0.1", "::1", Self.withoutBrackets(host)]
        allowsAddresses = ["0.0.0.0", "::", "[::]"].contains(host)
    }

    func handle(
        _ request: Request,
        context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        guard accepts(request.head.authority ?? "") else {
            throw ConsoleError(
                .forbidden,
                "This address is not one of Varde's: open the console by the address that `varde console` prints."
            )
        }
        return try await next(request, context)
    }

    /// - Parameter authority: `host` or `host:port`.
    func accepts(_ authority: String) -> Bool {
        guard let name = Self.name(of: authority.lowercased()) else { return false }
        return names.contains(name) || allowsAddresses && Self.isAddress(name)
    }

    private static func name(of authority: String) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return nil }
            return withoutBrackets(String(authority[...end]))
        }
        guard let colon = authority.firstIndex(of: ":") else { return authority }
        return isPort(authority[colon...]) ? String(authority[..<colon]) : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.hasPrefix(":") && UInt16(text.dropFirst()) != nil
    }

    private static func withoutBrackets(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    private static func isAddress(_ name: String) -> Bool {
        if name.contains(":") { return name.utf8.allSatisfy { ":.0123456789abcdef".utf8.contains($0) } }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
