import KubeModel

/// All applications, kept up to date by the stream's events.
struct ApplicationList: Sendable {
    private var items: [String: JSON] = [:]
    /// Events up to this one are already in the list.
    private var sequence = -1

    /// From `GET /api/v1/applications`.
    init(_ json: JSON = [:]) {
        for item in json["items"]?.array ?? [] { items[item["id"]?.string ?? ""] = item }
        sequence = json["sequence"]?.int ?? -1
    }

    var ids: [String] { items.keys.sorted() }
    var all: [ApplicationView] { items.sorted { $0.key < $1.key }.map { ApplicationView($0.value) } }
    subscript(id: String) -> ApplicationView? { items[id].map(ApplicationView.init) }

    /// Takes an event in.
    ///
    /// - Returns: The id of the application that it changed; `nil` if nothing changed.
    mutating func apply(_ event: ServerEvent) -> String? {
        guard event.sequence.map({ $0 > sequence }) ?? true, let id = event.data["id"]?.string else {
            return nil
        }
        switch event.name {
        case "application": items[id] = event.data
        case "application-removed": items[id] = nil
        default: return nil
        }
        return id
    }
}

/// Which applications a command is about.
struct ApplicationFilter: Sendable, Hashable {
    var tenant: String?
    var cluster: String?

    func includes(_ application: ApplicationView) -> Bool {
        (tenant.map { $0 == application.tenant } ?? true)
            && (cluster.map { $0 == application.cluster } ?? true)
    }

    var query: String {
        let parts = [("tenant", tenant), ("cluster", cluster)].compactMap { name, value in
            value.map { "\(name)=\(Server.escape($0))" }
        }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }
}
