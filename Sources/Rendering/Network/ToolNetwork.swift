package import GitSource

/// What a tool may reach for a tenant; nothing when there is none.
package struct ToolNetwork: Sendable, Hashable {
    package var tenant: String
    package var hosts: AllowedHosts

    package init(tenant: String, hosts: AllowedHosts) {
        self.tenant = tenant
        self.hosts = hosts
    }

    /// Why a host may not be asked.
    func refusal(of host: String, port: Int, asking: String) -> String {
        let place = port == 443 || port == 80 ? host : AllowedHosts.joined(host, port)
        return
            "\(asking) asked for \(place), which tenant \(tenant) does not allow; allow it with network.hosts of "
            + "the Tenant."
    }
}

extension ToolNetwork? {
    /// Whether a URL that the files name may be fetched; a sentence when it may not.
    func refusal(of url: String, asking: String) -> String? {
        guard let network = self, !network.hosts.isEmpty else {
            return
                "nothing is fetched while rendering: copy it into the repository, or let the platform team allow "
                + "its host with network.hosts of the Tenant."
        }
        guard let place = RemotePlace(url) else {
            return "only what has an https or http URL is fetched while rendering."
        }
        guard !network.hosts.allow(place.host, port: place.port) else { return nil }
        return network.refusal(of: place.host, port: place.port, asking: asking)
    }
}

/// The server of a URL, as kustomize and helm write them.
struct RemotePlace: Hashable {
    var host: String
    var port: Int

    /// `nil` for what is reached by other means than https and http.
    init?(_ url: String) {
        var text = Substring(url)
        if text.hasPrefix("git::") { text = text.dropFirst(5) }
        var port = 443
        if let scheme = text.firstRange(of: "://") {
            switch text[..<scheme.lowerBound].lowercased() {
            case "https", "oci": break
            case "http": port = 80
            default: return nil
            }
            text = text[scheme.upperBound...]
        } else if text.hasPrefix("git@") || text.prefix(while: { $0 != "/" }).contains(":") {
            return nil
        }
        var authority = text.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let (host, own) = AllowedHosts.split(String(authority))
        guard !host.isEmpty else { return nil }
        self.host = host.lowercased()
        self.port = own ?? port
    }
}
