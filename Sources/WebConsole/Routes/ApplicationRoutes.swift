import Delivery
import HTTPTypes
import Hummingbird
import KubeModel
import NIOCore

/// Applications, and looking closer at one.
struct ApplicationRoutes: Sendable {
    let backend: any ConsoleBackend
    let live: LiveStream

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("applications") { request, _ in list(request) }
        let one = api.group("applications/:tenant/:name")
        one.get { _, context in try whole(id(context)) }
        one.get("history") { _, context in
            Response(.items(backend.board.history(of: try id(context)).map { $0.answer(.whole) }))
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
            return Response(try await backend.object(String(object), of: id(context)).answer)
        }
        one.get("logs") { request, context in try await log(request, of: id(context)) }
        one.post("sync") { _, context in
            try await backend.sync(id(context), by: context.caller?.person ?? "")
            return Response([:], status: .accepted)
        }
        one.post("approve") { request, context in try await approve(request, context) }
    }

    /// The application that a path names; not found if there is none.
    private func id(_ context: ConsoleContext) throws -> ApplicationID {
        let text = "\(context.parameters["tenant"] ?? "")/\(context.parameters["name"] ?? "")"
        guard let id = ApplicationID(text), backend.board.application(id) != nil else {
            throw ConsoleError(.notFound, "There is no application \(text).")
        }
        return id
    }

    private func list(_ request: Request) -> Response {
        let query = request.uri.queryParameters
        let (tenant, cluster) = (query["tenant"], query["cluster"])
        // Read before the applications: a reader then sees some changes twice rather than one never.
        let sequence = backend.board.sequence
        let items = backend.board.applications().filter { application in
            (tenant.map { $0 == application.id.tenant } ?? true)
                && (cluster.map { $0 == application.id.cluster } ?? true)
        }
        return Response([
            "items": .array(items.map(\.answer)), "sequence": .integer(Int64(sequence)),
            "process": .string(live.process),
        ])
    }

    private func whole(_ id: ApplicationID) throws -> Response {
        let sequence = backend.board.sequence
        guard let application = backend.board.application(id) else {
            throw ConsoleError(.notFound, "There is no application \(id).")
        }
        return Response([
            "application": application.answer,
            "objects": .array(backend.board.objects(of: id).map(\.answer)),
            "history": .array(backend.board.history(of: id).map { $0.answer(.whole) }),
            "sequence": .integer(Int64(sequence)),
            "process": .string(live.process),
        ])
    }

    private func approve(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let body = try await request.body.collect(upTo: 1 << 20)
        var objects: [String]?
        if body.readableBytes > 0 {
            guard let json = try? JSON.parse(body.readableBytesView, limits: .init(depth: 8)),
                json.object != nil
            else {
                throw ConsoleError(.badRequest, #"The body is empty or `{"objects": ["v1/…"]}`."#)
            }
            if let named = json["objects"], !named.isNull {
                guard let list = named.array?.map(\.string), !list.contains(nil) else {
                    throw ConsoleError(.badRequest, "`objects` is a list of object ids.")
                }
                objects = list.compactMap(\.self)
            }
        }
        try await backend.approve(id(context), objects: objects, by: context.caller?.person ?? "")
        return Response([:], status: .accepted)
    }

    private func log(_ request: Request, of id: ApplicationID) async throws -> Response {
        let query = request.uri.queryParameters
        guard let pod = query["pod"], !pod.isEmpty else {
            throw ConsoleError(.badRequest, "Name the pod, as `?pod=web-1`.")
        }
        let tail = try query["tail"].map { text in
            guard let number = Int(text), (0...10_000).contains(number) else {
                throw ConsoleError(.badRequest, "`tail` is a number of lines up to 10000.")
            }
            return number
        }
        let chunks = try await backend.log(
            ofPod: String(pod),
            container: query["container"].flatMap { $0.isEmpty ? nil : String($0) },
            tail: tail ?? 100,
            follow: Self.isSet(query["follow"]),
            previous: Self.isSet(query["previous"]),
            of: id
        )
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    for try await chunk in chunks { try await writer.write(ByteBuffer(bytes: chunk)) }
                }
                try await writer.finish(nil)
            }
        )
    }

    /// `?follow`, `?follow=1` and `?follow=true`.
    private static func isSet(_ value: Substring?) -> Bool {
        value.map { ["", "1", "true"].contains($0) } ?? false
    }
}
