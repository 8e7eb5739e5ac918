import KubeModel

/// Reads what a server serves: in two requests where it has aggregated discovery (1.26), else one for each group version.
struct DiscoveryReader {
    struct Answer {
        var all: [APIResource] = []
        /// Each resource in its group's preferred version.
        var preferred: [APIResource] = []

        /// Takes the resources of a group; the versions come in the server's order of preference.
        mutating func add(versions: [[APIResource]]) {
            var seen: Set<String> = []
            for resources in versions {
                all += resources
                preferred += resources.filter { seen.insert($0.gvr.resource).inserted }
            }
        }
    }

    let transport: any Transport

    private static let accept =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

    func read() async throws -> Answer {
        var answer = Answer()
        for root in ["/api", "/apis"] {
            let body = try await get(root)
            if body["kind"]?.string == "APIGroupDiscoveryList" {
                for group in body["items"]?.array ?? [] { answer.add(versions: Self.aggregated(group)) }
            } else {
                for group in Self.groups(of: body) { answer.add(versions: try await versions(of: group)) }
            }
        }
        return answer
    }

    private func get(_ path: String) async throws -> JSON {
        let response = try await transport.send(APIRequest(.get, path, accept: Self.accept))
        guard response.isSuccess else {
            throw StatusError(status: response.body, httpStatus: response.status)
        }
        return response.body
    }

    // MARK: Aggregated

    /// The versions of one `APIGroupDiscovery`.
    static func aggregated(_ group: JSON) -> [[APIResource]] {
        let name = group.at("metadata", "name")?.string ?? ""
        return (group["versions"]?.array ?? []).map { version in
            let versionName = version["version"]?.string ?? ""
            return (version["resources"]?.array ?? []).compactMap { entry in
                guard let resource = entry["resource"]?.string,
                    let kind = entry.at("responseKind", "kind")?.string, !kind.isEmpty
                else { return nil }
                let subresources = (entry["subresources"]?.array ?? []).compactMap {
                    $0["subresource"]?.string
                }
                return APIResource(
                    gvr: GroupVersionResource(group: name, version: versionName, resource: resource),
                    kind: kind,
                    isNamespaced: entry["scope"]?.string == "Namespaced",
                    verbs: strings(entry["verbs"]),
                    shortNames: Array(strings(entry["shortNames"])).sorted(),
                    categories: Array(strings(entry["categories"])).sorted(),
                    subresources: Set(subresources)
                )
            }
        }
    }

    // MARK: The old form

    /// The `group/version` texts of each group, the preferred version first.
    static func groups(of body: JSON) -> [[String]] {
        if let versions = body["versions"]?.array { return [versions.compactMap(\.string)] }
        return (body["groups"]?.array ?? []).map { group in
            let versions = (group["versions"]?.array ?? []).compactMap { $0["groupVersion"]?.string }
            let preferred = group.at("preferredVersion", "groupVersion")?.string
            return versions.filter { $0 == preferred } + versions.filter { $0 != preferred }
        }
    }

    private func versions(of group: [String]) async throws -> [[APIResource]] {
        var result: [[APIResource]] = []
        for apiVersion in group {
            let path = apiVersion.contains("/") ? "/apis/\(apiVersion)" : "/api/\(apiVersion)"
            do {
                result.append(Self.resources(of: try await get(path), apiVersion: apiVersion))
            } catch is StatusError {
                continue  // An aggregated API server that is down must not hide the others.
            }
        }
        return result
    }

    /// The resources of one `APIResourceList`.
    static func resources(of list: JSON, apiVersion: String) -> [APIResource] {
        let (group, version) = GroupVersionKind.split(apiVersion)
        let entries = list["resources"]?.array ?? []
        var subresources: [Substring: Set<String>] = [:]
        for name in entries.compactMap({ $0["name"]?.string }) {
            let parts = name.split(separator: "/", maxSplits: 1)
            if parts.count == 2 { subresources[parts[0], default: []].insert(String(parts[1])) }
        }
        return entries.compactMap { entry in
            guard let name = entry["name"]?.string, !name.contains("/"), let kind = entry["kind"]?.string
            else { return nil }
            return APIResource(
                gvr: GroupVersionResource(group: group, version: version, resource: name),
                kind: kind,
                isNamespaced: entry["namespaced"]?.bool ?? false,
                verbs: strings(entry["verbs"]),
                shortNames: Array(strings(entry["shortNames"])).sorted(),
                categories: Array(strings(entry["categories"])).sorted(),
                subresources: subresources[Substring(name)] ?? []
            )
        }
    }

    private static func strings(_ json: JSON?) -> Set<String> {
        Set((json?.array ?? []).compactMap(\.string))
    }
}
