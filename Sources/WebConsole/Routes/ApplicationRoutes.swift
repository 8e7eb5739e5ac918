import Delivery
import HTTPTypes
import Hummingbird
import KubeModel

/// Applications, and looking closer at one.
struct ApplicationRoutes: Sendable {
    let backend: any ConsoleBackend
    let live: LiveStream
    let audit: AuditLog
    private let brief = BriefAnswers()

    init(backend: any ConsoleBackend, live: LiveStream, audit: AuditLog) {
        self.backend = backend
        self.live = live
        self.audit = audit
    }

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("applications") { request, context in list(request, for: context.sight) }
        let one = api.group("applications/:tenant/:name")
        one.get { _, context in try whole(id(context), for: context.sight) }
        one.get("history") { _, context in
            Response(.items(backend.board.history(of: try id(context)).map { $0.answer(.whole) }))
        }
        one.get("history/:number") { _, context in
            let number = context.parameters["number"].flatMap { Int($0) }
            guard let sync = backend.board.history(of: try id(context)).first(where: { $0.number == number })
            else { throw ConsoleError(.notFound, "There is no such sync among the last 20.") }
            return Response(sync.answer(.whole))
        }
        one.get("diff") { _, context in
            Response(.items(try await backend.diff(of: id(context)).map(\.answer)))
        }
        one.get("events") { _, context in
            Response(.items(try await backend.events(of: id(context)).map(\.answer)))
        }
        one.get("object") { request, context in
            guard let object = request.uri.queryParameters["id"], !object.isEmpty else {
                throw ConsoleError(.badRequest, "Name the object, as `?id=apps/Deployment:namespace/name`.")
            }
            let id = try id(context)
            var answer = try await backend.object(String(object), of: id).answer
            if await backend.hasRulesNotEvaluated(String(object), of: id) { answer["unevaluated"] = true }
            return Response(answer)
        }
        LogRoutes(backend: backend) { try id($0) }.add(to: one)
        ActionRoutes(backend: backend, audit: audit) { try id($0) }.add(to: one)
    }

    /// The application that a path names; not found if there is none that the caller may see.
    private func id(_ context: ConsoleContext) throws -> ApplicationID {
        let text = "\(context.parameters["tenant"] ?? "")/\(context.parameters["name"] ?? "")"
        guard let id = ApplicationID(text), context.sight.sees(tenant: id.tenant),
            backend.board.application(id) != nil
        else {
            throw ConsoleError(.notFound, "There is no application \(text).")
        }
        return id
    }

    private func list(_ request: Request, for sight: Sight) -> Response {
        let query = request.uri.queryParameters
        if query["form"] == "brief" {
            return Response(json: brief.bytes(of: backend.board, process: live.process, for: sight))
        }
        let (tenant, cluster) = (query["tenant"], query["cluster"])
        // Read before the applications: a reader then sees some changes twice rather than one never.
        let sequence = backend.board.sequence
        let items = backend.board.applications().filter { application in
            sight.sees(tenant: application.id.tenant) && (tenant.map { $0 == application.id.tenant } ?? true)
                && (cluster.map { $0 == application.id.cluster } ?? true)
        }
        return Response([
            "items": .array(items.map { $0.answer(images: backend.board.images(of: $0.id)) }),
            "sequence": .integer(Int64(sequence)),
            "process": .string(live.process),
        ])
    }

    private func whole(_ id: ApplicationID, for sight: Sight) throws -> Response {
        let sequence = backend.board.sequence
        guard let application = backend.board.application(id) else {
            throw ConsoleError(.notFound, "There is no application \(id).")
        }
        return Response([
            "application": application.answer(images: backend.board.images(of: id)),
            "abilities": .strings(abilities(for: sight, in: id.tenant)),
            "objects": .array(backend.board.objects(of: id).map(\.answer)),
            "history": .array(backend.board.history(of: id).map { $0.answer(.whole) }),
            "sequence": .integer(Int64(sequence)),
            "process": .string(live.process),
        ])
    }

    /// What the caller may do to an application as a whole.
    private func abilities(for sight: Sight, in tenant: String) -> [String] {
        var names: [String] = []
        if sight.may(.deploy, in: tenant) { names = ["sync"] + backend.abilities.map(\.rawValue) }
        if sight.may(.admin, in: tenant) { names.append("approve") }
        return names.sorted()
    }
}
