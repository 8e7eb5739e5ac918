/// An image reference, as far as the simulation and its messages need it.
struct ImageReference: Sendable, Hashable {
    let text: String
    /// With registry and tag: `docker.io/library/nginx:1`.
    let fullName: String
    let registry: String
    let tag: String

    init(_ text: String) {
        self.text = text
        let digestFree = text.split(separator: "@", maxSplits: 1).first.map(String.init) ?? text
        var parts = digestFree.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var registry = "docker.io"
        if parts.count > 1, let first = parts.first,
            first.contains(".") || first.contains(":") || first == "localhost"
        {
            registry = first
            parts.removeFirst()
        } else if parts.count == 1 {
            parts.insert("library", at: 0)
        }
        let last = (parts.last ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        tag = last.count > 1 ? last[1] : "latest"
        parts[parts.count - 1] = last.first ?? ""
        self.registry = registry
        fullName = "\(registry)/\(parts.joined(separator: "/")):\(tag)"
    }

    var hash: UInt64 { TemplateHash.fnv(fullName.utf8) }

    /// In bytes.
    var size: Int { 5_000_000 + Int(hash % 90_000_000) }

    /// As the runtime names what it has pulled.
    var digestName: String {
        "\(fullName.dropLast(tag.count + 1))@sha256:\(ContainerSimulation.digest(fullName))"
    }

    /// What the runtime says when it cannot pull the image; `nil` when it can.
    var pullFailure: String? {
        if text.split(separator: "/").first.map({
            $0 == "invalid.example" || $0.hasSuffix(".invalid.example")
        }) ?? false {
            let path = fullName.dropFirst(registry.count + 1).dropLast(tag.count + 1)
            return Self.unresolved(
                code: "Unknown",
                fullName,
                "failed to do request: Head \"https://\(registry)/v2/\(path)/manifests/\(tag)\": "
                    + "dial tcp: lookup \(registry): no such host"
            )
        }
        return tag == "does-not-exist" ? notFound : nil
    }

    var notFound: String { Self.unresolved(code: "NotFound", fullName, "\(fullName): not found") }

    private static func unresolved(code: String, _ name: String, _ cause: String) -> String {
        "rpc error: code = \(code) desc = failed to pull and unpack image \"\(name)\": "
            + "failed to resolve reference \"\(name)\": \(cause)"
    }
}
