import KubeClient
import KubeModel
import Synchronization

/// The schemas of one cluster's kinds, read from its OpenAPI documents when a comparison asks for them.
///
/// Documents of the same content are kept once for all clusters.
final class ClusterSchemas: Sendable {
    private struct State {
        var known: [GroupVersionKind: Schema] = [:]
        /// Group versions that were read, or cannot be, until when they are not asked for again.
        var settled: [String: ContinuousClock.Instant] = [:]
    }

    private let client: KubeClient
    private let shared: SchemaDocuments
    private let state = Mutex(State())
    /// After this what was read is read again: definitions change.
    private static let lifetime = Duration.seconds(600)

    init(client: KubeClient, shared: SchemaDocuments) {
        self.client = client
        self.shared = shared
    }

    var known: [GroupVersionKind: Schema] { state.withLock { $0.known } }

    /// Forgets a kind whose definition changed.
    func forget(group: String) {
        state.withLock { state in
            state.known = state.known.filter { $0.key.group != group }
            state.settled = state.settled.filter { !$0.key.hasPrefix(group + "/") }
        }
    }

    /// Reads what is missing.
    ///
    /// - Returns: Whether anything is known now that was not before.
    func read(_ kinds: Set<GroupVersionKind>) async -> Bool {
        let now = ContinuousClock.now
        let missing = state.withLock { state in
            Set(
                kinds.filter {
                    state.known[$0] == nil && state.settled[$0.apiVersion].map { $0 < now } ?? true
                }
                .map(\.apiVersion)
            )
        }
        guard !missing.isEmpty else { return false }
        // Old servers have no such documents; managedFields alone have to do then.
        let index = try? await client.send(APIRequest(.get, "/openapi/v3"))
        var isNews = false
        for apiVersion in missing.sorted() {
            let found = await read(apiVersion, index?["paths"] ?? [:])
            state.withLock { state in
                state.settled[apiVersion] = now + Self.lifetime
                for (kind, schema) in found where state.known[kind] == nil {
                    state.known[kind] = schema
                    isNews = isNews || kinds.contains(kind)
                }
            }
        }
        return isNews
    }

    private func read(_ apiVersion: String, _ paths: JSON) async -> [GroupVersionKind: Schema] {
        let path = apiVersion.contains("/") ? "apis/\(apiVersion)" : "api/\(apiVersion)"
        guard let url = paths[path]?["serverRelativeURL"]?.string else { return [:] }
        if let known = shared[url] { return known }
        let parts = url.split(separator: "?", maxSplits: 1)
        let query = parts.count == 2 ? Self.query(parts[1]) : []
        guard let path = parts.first,
            let document = try? await client.send(APIRequest(.get, String(path), query: query))
        else { return [:] }
        let schemas = Self.schemas(of: document, apiVersion)
        shared[url] = schemas
        return schemas
    }

    private static func query(_ text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").compactMap { pair in
            let sides = pair.split(separator: "=", maxSplits: 1)
            return sides.count == 2 ? (String(sides[0]), String(sides[1])) : nil
        }
    }

    private static func schemas(of document: JSON, _ apiVersion: String) -> [GroupVersionKind: Schema] {
        guard let components = document.at("components", "schemas")?.object else { return [:] }
        let catalog = SchemaCatalog(components: components)
        var result: [GroupVersionKind: Schema] = [:]
        for (name, component) in components {
            for json in component["x-kubernetes-group-version-kind"]?.array ?? [] {
                let kind = GroupVersionKind(
                    group: json["group"]?.string ?? "",
                    version: json["version"]?.string ?? "",
                    kind: json["kind"]?.string ?? ""
                )
                guard kind.apiVersion == apiVersion else { continue }
                // Built-in types are named after Kubernetes' packages; the others are custom resources.
                result[kind] =
                    name.hasPrefix("io.k8s.")
                    ? catalog.schema(of: kind)
                    : Schema.customResource(openAPIV3Schema: component, objectMeta: catalog.objectMeta)
            }
        }
        return result
    }
}

/// OpenAPI documents by their address, which has the hash of their content in it.
final class SchemaDocuments: Sendable {
    private let documents = Mutex<[String: [GroupVersionKind: Schema]]>([:])
    private static let limit = 400

    subscript(url: String) -> [GroupVersionKind: Schema]? {
        get { documents.withLock { $0[url] } }
        set {
            documents.withLock { documents in
                // Without a hash in it an address says nothing of the content.
                guard url.contains("hash=") else { return }
                if documents.count >= Self.limit { documents.removeAll() }
                documents[url] = newValue
            }
        }
    }
}
