import Crypto
import KubeModel

/// What a cluster serves, in the forms in which clients ask for it.
///
/// Built-in groups come from the data files, others from the CustomResourceDefinitions that are established.
struct DiscoveryDocuments: Sendable {
    let registry: ResourceRegistry
    private let cache = AggregatedDiscovery()

    init(registry: ResourceRegistry) { self.registry = registry }

    /// Aggregated discovery of the groups beside the core group, `apidiscovery.k8s.io/v2`.
    var aggregatedGroups: AggregatedDiscovery.Document { aggregated.groups }
    var aggregatedCore: AggregatedDiscovery.Document { aggregated.core }

    private var aggregated: AggregatedDiscovery.Documents {
        let custom = registry.definitions.filter(\.isCustom).sorted { $0.gvr < $1.gvr }
        return cache.documents(custom) {
            let groups = groups
            return AggregatedDiscovery.Documents(
                custom: custom,
                core: AggregatedDiscovery.Document(groups.filter { Self.name(of: $0).isEmpty }),
                groups: AggregatedDiscovery.Document(groups.filter { !Self.name(of: $0).isEmpty })
            )
        }
    }

    /// The `ETag` of a document: a hash of it.
    static func hash(of bytes: [UInt8]) -> String {
        SHA512.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
    }

    // MARK: The old forms

    var groupList: JSON {
        let list = groups.filter { Self.name(of: $0) != "" }.map { group -> JSON in
            var json = Self.groupJSON(group)
            json["kind"] = nil
            json["apiVersion"] = nil
            return json
        }
        return ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(list)]
    }

    func group(_ name: String) -> JSON? {
        groups.first { Self.name(of: $0) == name && !name.isEmpty }.map(Self.groupJSON)
    }

    func hasBuiltInGroup(_ name: String) -> Bool {
        KubernetesFacts.discovery.contains { Self.name(of: $0) == name }
    }

    /// `nil` for a version that is not served.
    func resources(group name: String, version: String) -> JSON? {
        guard let group = groups.first(where: { Self.name(of: $0) == name }),
            let served = group["versions"]?.array?.first(where: { $0["version"]?.string == version })
        else { return nil }
        var list: [JSON] = []
        for resource in served["resources"]?.array ?? [] {
            list.append(Self.resourceJSON(resource))
            list += (resource["subresources"]?.array ?? []).map { Self.subresourceJSON($0, of: resource) }
        }
        var json: JSON = [
            "kind": "APIResourceList", "groupVersion": .string(name.isEmpty ? version : "\(name)/\(version)"),
            "resources": .array(list),
        ]
        if !name.isEmpty { json["apiVersion"] = "v1" }
        return json
    }

    private static func name(of group: JSON) -> String { group.at("metadata", "name")?.string ?? "" }

    private static func groupJSON(_ group: JSON) -> JSON {
        let name = name(of: group)
        let versions = (group["versions"]?.array ?? []).map { version -> JSON in
            let text = version["version"]?.string ?? ""
            return ["groupVersion": .string("\(name)/\(text)"), "version": .string(text)]
        }
        return [
            "kind": "APIGroup", "apiVersion": "v1", "name": .string(name), "versions": .array(versions),
            "preferredVersion": versions.first ?? [:],
        ]
    }

    private static func resourceJSON(_ resource: JSON) -> JSON {
        var json: JSON = [
            "name": resource["resource"] ?? "", "singularName": resource["singularResource"] ?? "",
            "namespaced": .bool(resource["scope"]?.string == "Namespaced"),
            "kind": resource.at("responseKind", "kind") ?? "", "verbs": resource["verbs"] ?? [],
        ]
        for key in ["shortNames", "categories"] { json[key] = resource[key] }
        return json
    }

    private static func subresourceJSON(_ subresource: JSON, of resource: JSON) -> JSON {
        let name = "\(resource["resource"]?.string ?? "")/\(subresource["subresource"]?.string ?? "")"
        var json: JSON = [
            "name": .string(name), "singularName": "",
            "namespaced": .bool(resource["scope"]?.string == "Namespaced"),
            "kind": subresource.at("responseKind", "kind") ?? "", "verbs": subresource["verbs"] ?? [],
        ]
        let kind = subresource["responseKind"] ?? [:]
        if kind["group"]?.string != resource.at("responseKind", "group")?.string {
            for key in ["group", "version"] { json[key] = kind[key] }
        }
        return json
    }

    // MARK: Groups

    /// Every group in the aggregated form, built-in ones first.
    private var groups: [JSON] {
        let custom = registry.definitions.filter(\.isCustom)
        guard !custom.isEmpty else { return KubernetesFacts.discovery }
        let byGroup = Dictionary(grouping: custom) { $0.gvr.group }
        return KubernetesFacts.discovery
            + byGroup.sorted { $0.key < $1.key }.map { Self.customGroup($0.key, $0.value) }
    }

    private static func customGroup(_ name: String, _ definitions: [ResourceDefinition]) -> JSON {
        let byVersion = Dictionary(grouping: definitions) { $0.gvr.version }
        let versions = byVersion.keys.sorted(by: VersionPriority.precedes).map { version -> JSON in
            let resources = (byVersion[version] ?? []).sorted { $0.gvr.resource < $1.gvr.resource }
            return [
                "version": .string(version), "freshness": "Current",
                "resources": .array(resources.map(customResource)),
            ]
        }
        return ["metadata": ["name": .string(name)], "versions": .array(versions)]
    }

    private static func customResource(_ definition: ResourceDefinition) -> JSON {
        let kind: JSON = [
            "group": .string(definition.gvr.group), "version": .string(definition.gvr.version),
            "kind": .string(definition.kind),
        ]
        var json: JSON = [
            "resource": .string(definition.gvr.resource), "responseKind": kind,
            "scope": definition.isNamespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(definition.singular),
            "verbs": .array(customVerbs.filter(definition.verbs.contains).map(JSON.string)),
        ]
        if !definition.shortNames.isEmpty {
            json["shortNames"] = .array(definition.shortNames.map(JSON.string))
        }
        if !definition.categories.isEmpty {
            json["categories"] = .array(definition.categories.map(JSON.string))
        }
        let subresources = definition.subresources.sorted(by: >).map { subresource -> JSON in
            [
                "subresource": .string(subresource), "verbs": ["get", "patch", "update"],
                "responseKind": subresource == "scale"
                    ? ["group": "autoscaling", "version": "v1", "kind": "Scale"] : kind,
            ]
        }
        if !subresources.isEmpty { json["subresources"] = .array(subresources) }
        return json
    }

    /// In the order in which a real server lists them.
    private static let customVerbs = [
        "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch",
    ]
}
