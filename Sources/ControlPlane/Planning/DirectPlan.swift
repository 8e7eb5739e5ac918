import Delivery
import Foundation
import GitSource
import KubeClient
package import KubeModel
import Logging
import Rendering
import Tenancy

/// A plan without a running Varde: of a clone on this machine, on what the clusters of a kubeconfig have.
///
/// Made by the same function, so what it lacks is only what nobody here knows: the tenants' prefixes and limits, and what a
/// running Varde remembers of earlier syncs.
package struct DirectPlan: Sendable {
    package var kubeconfig: String
    /// One context of the file; when `nil` every context is a cluster of its name.
    package var context: String?
    package var revision: String?
    package var against: String?
    package var tenant: String?
    package var cluster: String?
    package var all = false

    package init(kubeconfig: String) { self.kubeconfig = kubeconfig }

    /// - Throws: ``UpError`` that says what to do.
    package func plan(of work: LocalWork) async throws -> JSON {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "varde-direct-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }  // It is in the temporary directory.
        var logger = Logger(label: "varde")
        logger.logLevel = .critical
        let clusters = try clusters(logger)
        guard let any = clusters.values.first else {
            throw UpError(code: .badConfiguration, message: "\(kubeconfig) has no contexts.")
        }
        let watcher = RepositoryWatcher(directory: directory + "/mirrors")
        let delivery = DeliveryService(
            admin: any,
            watcher: watcher,
            renderer: Renderer(scratch: directory + "/scratch", tools: ToolPaths.found()),
            clusters: FixedClusters(clients: clusters),
            policy: DirectPolicy(),
            logger: logger
        )
        let base = try await work.base(against)
        let tenant =
            if let tenant { tenant } else { try await tenant(of: work, base: base, in: clusters) }
        await delivery.setSources([TenantSource(tenant: tenant, repository: work.top, branch: base)])
        let parcel = try await work.parcel(revision.map { .revision($0) } ?? .workTree, known: [])
        let file = directory + "/work.bundle"
        try Data(parcel.bundle).write(to: URL(filePath: file))
        var request = PreviewRequest(repositories: [work.top], revision: "plan")
        request.name = parcel.name
        request.cluster = cluster
        // What the branch itself has, nobody here knows to be delivered.
        request.scope = if all { .all } else { try await work.isSame(parcel.commit, base) ? .all : .changed }
        request.bundle = file
        do {
            let preview = try await delivery.previewOnce(request, scratch: directory)
            try check(preview)
            var json = preview.json
            // Nobody keeps it.
            json["link"] = .null
            return json
        } catch let error as PreviewError {
            throw UpError(code: .badConfiguration, message: error.message)
        }
    }

    /// A cluster that is misspelt would have an empty plan, which looks like a good one.
    private func check(_ preview: Preview) throws(UpError) {
        guard let cluster, preview.applications.isEmpty, preview.unchanged == 0 else { return }
        throw UpError(
            code: .badConfiguration,
            message:
                "The repository has no directory env/\(cluster)/…: nothing in it is for cluster \(cluster)."
        )
    }

    private func clusters(_ logger: Logger) throws -> [String: KubeClient] {
        do throws(ClientError) {
            let file = try Kubeconfig(path: kubeconfig)
            func client(_ context: String?) throws(ClientError) -> KubeClient {
                KubeClient(transport: try HTTPTransport(try file.endpoint(context: context), logger: logger))
            }
            if let context { return [cluster ?? context: try client(context)] }
            var result: [String: KubeClient] = [:]
            for context in file.contexts where cluster.map({ $0 == context.name }) ?? true {
                result[context.name] = try client(context.name)
            }
            if result.isEmpty, let cluster { result[cluster] = try client(nil) }
            return result
        } catch {
            throw UpError(code: .badConfiguration, message: "\(kubeconfig): \(error.message)")
        }
    }
}

/// The clusters of a file: none comes, none goes.
private struct FixedClusters: ClusterDirectory {
    let clients: [String: KubeClient]

    func client(for cluster: String) async -> KubeClient? { clients[cluster] }
    func clusterNames() async -> Set<String> { Set(clients.keys) }
    func changes() async -> AsyncStream<Void> { AsyncStream { _ in } }
}

/// The rules that hold for every tenant; nothing is ever written.
private struct DirectPolicy: DeliveryPolicy {
    func refusal(of destination: ApplicationID, path: String) async -> Finding? { nil }

    func refusals(of objects: [PolicyCandidate], for destination: ApplicationID) async -> [Finding] {
        let tenant = Tenant(name: destination.tenant, prefixes: [destination.namespace])
        let candidates = objects.map {
            TenantDirectory.Candidate(object: $0.object, isNamespaced: $0.isNamespaced, origin: $0.origin)
        }
        return TenantDirectory(declared: [tenant])
            .refusals(of: candidates, tenant: destination.tenant, namespace: destination.namespace)
            .map(Self.finding)
    }

    private static func finding(_ refusal: Refusal) -> Finding {
        var finding = Finding(
            code: .refused,
            message: refusal.message,
            origin: refusal.origin,
            object: refusal.object,
            field: refusal.field,
            since: 0
        )
        // Which kinds the platform lets a tenant have is not known here.
        if refusal.rule == .clusterScoped {
            finding.severity = .info
            finding.message =
                "\(refusal.object ?? "An object") is not in a namespace: it is delivered only where the platform allows "
                + "the tenant its kind, which is not known here."
        }
        return finding
    }

    func prepare(_ destination: ApplicationID, client: KubeClient) async throws -> NamespaceRights {
        .standing
    }
    func release(_ destination: ApplicationID, foreign: ForeignContent, client: KubeClient) async throws {}
    func identity(of tenant: String) async -> Impersonation? { nil }
    func deletionDelay(of tenant: String) async -> Duration { .zero }
}
