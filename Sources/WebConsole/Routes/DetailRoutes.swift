import Delivery
import Hummingbird
import KubeModel

/// Looking closer at a cluster, a tenant, a commit; and what people did, all in all.
struct DetailRoutes: Sendable {
    let backend: any ConsoleBackend
    let audit: AuditLog

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("audit") { _, context in
            let entries = audit.entries(limit: 500) { entry in
                context.sight.sees(tenant: String(entry.application.prefix { $0 != "/" }))
            }
            return Response(.items(entries.map(\.answer)))
        }
        api.get("clusters/:cluster/nodes") { _, context in
            let name = context.parameters["cluster"] ?? ""
            return Response(.items(try await backend.nodes(of: String(name)).map(\.answer)))
        }
        api.get("tenants/:tenant/quotas") { _, context in
            let name = context.parameters["tenant"] ?? ""
            guard context.sight.sees(tenant: String(name)) else {
                throw ConsoleError(.notFound, "There is no tenant \(name).")
            }
            return Response(.items(try await backend.quotas(of: String(name)).map(\.answer)))
        }
        api.get("commits/:commit") { _, context in
            try await commit(String(context.parameters["commit"] ?? ""), for: context.sight)
        }
    }

    /// What a commit is, what it changed, and the syncs that brought it somewhere.
    private func commit(_ text: String, for sight: Sight) async throws -> Response {
        let wanted = text.lowercased()
        guard (7...64).contains(wanted.utf8.count), wanted.allSatisfy(\.isHexDigit) else {
            throw ConsoleError(.badRequest, "A commit is written as 7 to 64 hexadecimal digits.")
        }
        var syncs: [JSON] = []
        var repository: String?
        var full: String?
        for application in backend.board.applications() where sight.sees(tenant: application.id.tenant) {
            let records = backend.board.history(of: application.id).filter {
                $0.revision?.commit.hasPrefix(wanted) == true
            }
            let isNamed =
                application.desired?.commit.hasPrefix(wanted) == true
                || application.applied?.commit.hasPrefix(wanted) == true
            guard isNamed || !records.isEmpty else { continue }
            repository = repository ?? application.repository
            full =
                full
                ?? [application.desired, application.applied, records.first?.revision]
                .compactMap(\.self).first { $0.commit.hasPrefix(wanted) }?.commit
            for record in records {
                var answer = record.answer(.withoutSteps)
                answer["application"] = .string(application.id.description)
                answer["removed"] = .strings(
                    record.steps.filter { $0.action == .delete }.map(\.object)
                )
                answer["failed"] = .count(record.steps.count { $0.state == .failed })
                syncs.append(answer)
            }
        }
        guard let repository, let full else {
            throw ConsoleError(.notFound, "No application runs or ran \(text).")
        }
        let details = try await backend.commit(full, in: repository)
        return Response([
            "commit": .string(full), "repository": .string(repository),
            "details": details?.answer ?? .null, "syncs": .array(syncs),
        ])
    }
}

extension NodeDetails {
    var answer: JSON {
        [
            "name": .string(name), "ready": .bool(isReady), "cordoned": .bool(isCordoned),
            "version": .string(version), "roles": .strings(roles), "taints": .strings(taints),
            "problems": .strings(problems), "createdAt": .optional(createdAt),
            "allocatable": Self.amounts(allocatable), "requested": Self.amounts(requested),
        ]
    }

    private static func amounts(_ amounts: [String: Double]) -> JSON {
        .object(
            JSONObject(amounts.map { ($0.key, .double($0.value)) }, uniquingKeysWith: { _, last in last })
        )
    }
}

extension QuotaUse {
    var answer: JSON {
        [
            "cluster": .optional(cluster), "namespace": .optional(namespace), "name": .string(name),
            "resource": .string(resource), "used": .string(used), "hard": .string(hard),
            "share": .double(share),
        ]
    }
}

extension CommitDetails {
    var answer: JSON {
        [
            "revision": revision.answer, "message": .string(message), "files": .strings(files),
            "parent": .optional(parent),
        ]
    }
}
