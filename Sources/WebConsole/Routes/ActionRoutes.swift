import Delivery
import Foundation
import Hummingbird
import KubeModel

/// What people do to applications and their objects, each recorded with who did it.
struct ActionRoutes: Sendable {
    let backend: any ConsoleBackend
    let audit: AuditLog
    let id: @Sendable (ConsoleContext) throws -> ApplicationID

    func add(to one: RouterGroup<ConsoleContext>) {
        one.get("audit") { _, context in
            let id = try id(context)
            return Response(
                .items(audit.entries(limit: 200) { $0.application == id.description }.map(\.answer))
            )
        }
        one.get("actions") { request, context in
            guard let object = request.uri.queryParameters["id"], !object.isEmpty else {
                throw ConsoleError(.badRequest, "Name the object, as `?id=apps/Deployment:namespace/name`.")
            }
            let id = try id(context)
            guard context.sight.may(.deploy, in: id.tenant) else { return Response(.items([])) }
            let offers = try await backend.offers(for: String(object), of: id)
            return Response(.items(offers.map(\.answer)))
        }
        one.post("actions") { request, context in
            let body = try await RequestBody(request)
            let object = try body.needed("object")
            guard let name = ObjectAction.Name(rawValue: try body.needed("action")),
                let action = ObjectAction(name, replicas: try body.number("replicas").map { Int($0) })
            else {
                let names = ObjectAction.Name.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConsoleError(
                    .badRequest,
                    "`action` is one of \(names); `scale` needs `replicas`, 0 to 10000."
                )
            }
            let detail: String
            if case .scale(let replicas) = action { detail = "\(replicas)" } else { detail = "" }
            return try await recorded(context, name.rawValue, object: object, detail: detail) { id, person in
                let done = try await backend.perform(action, on: object, of: id, by: person)
                return ["done": .string(done)]
            }
        }
        one.post("sync") { _, context in
            try await recorded(context, "sync") { id, person in
                let warning = try await backend.sync(id, by: person)
                return warning.map { ["warning": .string($0)] } ?? [:]
            }
        }
        one.post("approve") { request, context in
            let objects = try await RequestBody(request).objects()
            let detail = objects?.joined(separator: " ") ?? ""
            return try await recorded(context, "approve", detail: detail, needing: .admin) { id, person in
                try await backend.approve(id, objects: objects, by: person)
                return [:]
            }
        }
        for ability in ApplicationAbility.allCases where backend.abilities.contains(ability) {
            add(ability, to: one)
        }
    }

    private func add(_ ability: ApplicationAbility, to one: RouterGroup<ConsoleContext>) {
        switch ability {
        case .pin:
            one.post("pin") { request, context in
                let body = try await RequestBody(request)
                let (commit, reason) = (try body.needed("commit"), try body.needed("reason"))
                let hours = try body.number("hours") ?? 24
                guard (0.0002...8_760).contains(hours) else {
                    throw ConsoleError(.badRequest, "`hours` is a number up to 8760.")
                }
                return try await change(
                    .pin(commit: commit, reason: reason, lifetime: .seconds(hours * 3_600)),
                    "pin",
                    "\(commit.prefix(12)) \(reason)",
                    context
                )
            }
            one.post("pin/commit") { _, context in try await change(.commitPin, "commit pin", "", context) }
            one.post("unpin") { _, context in try await change(.unpin, "unpin", "", context) }
        case .pause:
            one.post("pause") { request, context in
                let reason = try await RequestBody(request).needed("reason")
                return try await change(.pause(reason: reason), "pause", reason, context)
            }
            one.post("resume") { _, context in try await change(.resume, "resume", "", context) }
        case .refuse:
            one.post("refuse") { request, context in
                let objects = try await RequestBody(request).objects()
                return try await change(
                    .refuse(objects: objects),
                    "refuse",
                    objects?.joined(separator: " ") ?? "",
                    context
                )
            }
        }
    }

    private func change(
        _ change: ApplicationChange,
        _ action: String,
        _ detail: String,
        _ context: ConsoleContext
    ) async throws -> Response {
        try await recorded(context, action, detail: detail) { id, person in
            try await backend.perform(change, on: id, by: person)
            return [:]
        }
    }

    /// Does it and records it, done or not.
    private func recorded(
        _ context: ConsoleContext,
        _ action: String,
        object: String? = nil,
        detail: String = "",
        needing role: Sight.Role = .deploy,
        _ body: (ApplicationID, String) async throws -> JSON
    ) async throws -> Response {
        let id = try id(context)
        let person = context.caller?.person ?? ""
        var entry = AuditEntry(
            time: Date().timeIntervalSince1970,
            person: person,
            application: id.description,
            action: action,
            object: object,
            detail: String(detail.prefix(1_000)),
            failure: ""
        )
        do {
            guard context.sight.may(role, in: id.tenant) else {
                throw ConsoleError(
                    .forbidden,
                    "\(person) may not do that in \(id.tenant): it needs a group that the tenant lists under `groups.\(role.rawValue)`."
                )
            }
            let answer = try await body(id, person)
            audit.record(entry)
            return Response(answer, status: .accepted)
        } catch {
            entry.failure = ConsoleError(error)?.message ?? "\(type(of: error))"
            audit.record(entry)
            throw error
        }
    }
}

extension ActionOffer {
    /// An offer as docs/api.md has it: each effect is a code with its values, which the reader words.
    var answer: JSON {
        ["action": .string(action.rawValue), "effects": .array(effects.map(\.answer))]
    }
}

extension ActionOffer.Effect {
    fileprivate var answer: JSON {
        switch self {
        case .replacesPods(let count, let strategy):
            ["code": "replacesPods", "count": .count(count), "text": .string(strategy)]
        case .hasReplicas(let count): ["code": "hasReplicas", "count": .count(count)]
        case .putBack(let field, let value):
            ["code": "putBack", "field": .string(field), "text": .string(value)]
        case .removesBelow(let count): ["code": "removesBelow", "count": .count(count)]
        case .madeAgainByVarde: ["code": "madeAgainByVarde"]
        case .madeAgainByOwner(let owner): ["code": "madeAgainByOwner", "text": .string(owner)]
        case .goesForGood: ["code": "goesForGood"]
        case .noNewRuns: ["code": "noNewRuns"]
        case .runsAgain(let schedule): ["code": "runsAgain", "text": .string(schedule)]
        case .startsJob(let name): ["code": "startsJob", "text": .string(name)]
        }
    }
}
