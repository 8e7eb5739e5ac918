import Delivery
import Fleet
import GitSource
import KubeClient
import KubeModel
import Tenancy
import WebConsole

/// Looking closer at clusters, tenants and commits; asked for by people, one at a time.
extension Backend {
    func nodes(of cluster: String) async throws -> [NodeDetails] {
        guard let nodes = fleet.nodes(of: cluster), let client = fleet.client(for: cluster) else {
            throw StatusError(code: 404, reason: "NotFound", message: "No cluster \(cluster) is open.")
        }
        var requested: [String: NodeRequests] = [:]
        for pod in try await client.list(.pods).items where !Self.isOver(pod) {
            guard let node = pod.at("spec", "nodeName")?.string else { continue }
            requested[node, default: NodeRequests()].add(pod)
        }
        return nodes.map { NodeDetails($0, requested: requested[$0.name] ?? NodeRequests()) }
            .sorted { $0.name < $1.name }
    }

    private static func isOver(_ pod: KubeObject) -> Bool {
        ["Succeeded", "Failed"].contains(pod.at("status", "phase")?.string)
    }

    func quotas(of tenant: String) async throws -> [QuotaUse] {
        let applications = board.applications().filter { $0.id.tenant == tenant }
        var uses: [QuotaUse] = []
        if let limits = tenancy.directory.tenants[tenant] {
            let namespaces = Set(applications.map { "\($0.id.cluster)/\($0.id.namespace)" }).count
            if let hard = limits.namespaceQuota {
                uses.append(QuotaUse(limit: "namespaces", used: namespaces, hard: hard))
            }
            if let hard = limits.objectQuota {
                let most = applications.map(\.counts.total).max() ?? 0
                uses.append(QuotaUse(limit: "objects", used: most, hard: hard))
            }
        }
        let places = Dictionary(grouping: applications, by: \.id.cluster)
        for (cluster, members) in places.sorted(by: { $0.key < $1.key }) {
            guard let client = fleet.client(for: cluster) else { continue }
            let namespaces = Set(members.map(\.id.namespace))
            // A cluster that does not answer has its own page; the others' quotas are shown all the same.
            guard let quotas = try? await client.list(.resourceQuotas).items else { continue }
            for quota in quotas where namespaces.contains(quota.namespace) {
                uses += QuotaUse.all(of: quota, in: cluster)
            }
        }
        return uses
    }

    func hasRulesNotEvaluated(_ object: String, of id: ApplicationID) async -> Bool {
        guard let node = board.objects(of: id).first(where: { $0.id == object }),
            node.apiVersion.split(separator: "/").first?.contains(".") == true,
            fleet.summaries.first(where: { $0.name == id.cluster })?.isSimulated == true,
            let client = fleet.client(for: id.cluster)
        else { return false }
        let kind = GroupVersionKind(apiVersion: node.apiVersion, kind: node.kind)
        // It is a remark on a page: without an answer there is none.
        guard let resource = try? await client.discovery.resource(for: kind),
            let definition = try? await client.find(
                .customResourceDefinitions,
                ObjectName(namespace: "", name: "\(resource.gvr.resource).\(resource.gvr.group)")
            )
        else { return false }
        let versions = definition.at("spec", "versions")?.array ?? []
        let schema = versions.first { $0["name"]?.string == kind.version }?["schema"] ?? [:]
        return Self.mentions("x-kubernetes-validations", in: schema)
    }

    private static func mentions(_ key: String, in value: JSON) -> Bool {
        if let list = value.array { return list.contains { mentions(key, in: $0) } }
        guard let fields = value.object else { return false }
        return fields.contains { $0.0 == key || mentions(key, in: $0.1) }
    }

    func commit(_ id: String, in repository: String) async throws -> CommitDetails? {
        let source = await watcher.repository(repository)
        do {
            let commits = try await source.log(from: ObjectID(id), path: nil, limit: 2)
            guard let commit = commits.first else { return nil }
            let parent = commits.dropFirst().first
            let files =
                if let parent {
                    try await source.changedPaths(from: parent.tree, to: commit.tree)
                } else {
                    try await source.entries(of: commit.tree, at: "", recursive: true).map(\.path)
                }
            return CommitDetails(
                revision: .init(
                    commit: commit.id.hex,
                    author: commit.author,
                    subject: commit.subject,
                    time: Double(commit.time)
                ),
                message: commit.message,
                files: Array(files.prefix(500)),
                parent: parent?.id.hex
            )
        } catch is GitError {
            // Rewritten or gone: what the syncs recorded is shown without it.
            return nil
        }
    }
}

/// What the pods on a node ask for.
private struct NodeRequests {
    var cpu = 0.0
    var memory = 0.0
    var pods = 0.0

    mutating func add(_ pod: KubeObject) {
        pods += 1
        for container in pod.at("spec", "containers")?.array ?? [] {
            let requests = container.at("resources", "requests")
            cpu += Quantity(requests?["cpu"]).map { Double($0.milliValue) / 1_000 } ?? 0
            memory += Quantity(requests?["memory"]).map { Double($0.value) } ?? 0
        }
    }
}

extension NodeDetails {
    fileprivate init(_ node: KubeObject, requested: NodeRequests) {
        let allocatable = node.at("status", "allocatable") ?? node.at("status", "capacity")
        let role = "node-role.kubernetes.io/"
        self.init(
            name: node.name,
            isReady: node.condition("Ready")?.isTrue == true,
            isCordoned: node.at("spec", "unschedulable")?.bool ?? false,
            version: node.at("status", "nodeInfo", "kubeletVersion")?.string ?? "",
            roles: node.labels.keys.filter { $0.hasPrefix(role) }.map { String($0.dropFirst(role.count)) }
                .sorted(),
            taints: (node.at("spec", "taints")?.array ?? []).map {
                "\($0["key"]?.string ?? "")=\($0["value"]?.string ?? ""):\($0["effect"]?.string ?? "")"
            },
            problems: (node.at("status", "conditions")?.array ?? []).compactMap { condition in
                let (type, status) = (condition["type"]?.string ?? "", condition["status"]?.string)
                guard (type == "Ready") != (status == "True") else { return nil }
                return "\(type): \(condition["message"]?.string ?? condition["reason"]?.string ?? "")"
            },
            createdAt: node.creationTimestamp,
            allocatable: [
                "cpu": Quantity(allocatable?["cpu"]).map { Double($0.milliValue) / 1_000 } ?? 0,
                "memory": Quantity(allocatable?["memory"]).map { Double($0.value) } ?? 0,
                "pods": Quantity(allocatable?["pods"]).map { Double($0.value) } ?? 0,
            ],
            requested: ["cpu": requested.cpu, "memory": requested.memory, "pods": requested.pods]
        )
    }
}

extension QuotaUse {
    /// A limit of the tenant itself.
    fileprivate init(limit: String, used: Int, hard: Int) {
        self.init(
            cluster: nil,
            namespace: nil,
            name: limit,
            resource: limit,
            used: "\(used)",
            hard: "\(hard)",
            share: hard > 0 ? Double(used) / Double(hard) : 1
        )
    }

    fileprivate static func all(of quota: KubeObject, in cluster: String) -> [QuotaUse] {
        (quota.at("status", "hard")?.object ?? [:]).compactMap { resource, hard in
            guard let hard = hard.string ?? hard.int.map(String.init), let limit = Quantity(hard) else {
                return nil
            }
            let used = quota.at("status", "used", resource)?.string ?? "0"
            let share = Double(Quantity(used)?.milliValue ?? 0) / max(1, Double(limit.milliValue))
            return QuotaUse(
                cluster: cluster,
                namespace: quota.namespace,
                name: quota.name,
                resource: resource,
                used: used,
                hard: hard,
                share: share
            )
        }
    }
}
