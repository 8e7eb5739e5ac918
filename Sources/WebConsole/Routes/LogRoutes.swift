import Delivery
import Hummingbird
import NIOCore

/// Logs: of one pod, or of all pods of a workload in one stream, each line with the pod it is from.
struct LogRoutes: Sendable {
    /// A workload of more pods shows the first of them, and says so.
    static let mostPods = 30

    let backend: any ConsoleBackend
    let id: @Sendable (ConsoleContext) throws -> ApplicationID

    private struct Wish: Sendable {
        var container: String?
        var tail: Int
        var follow: Bool
        var previous: Bool
    }

    func add(to one: RouterGroup<ConsoleContext>) {
        one.get("logs") { request, context in
            let id = try id(context)
            let query = request.uri.queryParameters
            let tail = try query["tail"].map { text in
                guard let number = Int(text), (0...10_000).contains(number) else {
                    throw ConsoleError(.badRequest, "`tail` is a number of lines up to 10000.")
                }
                return number
            }
            let wish = Wish(
                container: query["container"].flatMap { $0.isEmpty ? nil : String($0) },
                tail: tail ?? 100,
                follow: Self.isSet(query["follow"]),
                previous: Self.isSet(query["previous"])
            )
            if let pod = query["pod"], !pod.isEmpty {
                let chunks = try await chunks(ofPod: String(pod), wish, of: id)
                return text(request) { writer in
                    for try await chunk in chunks { try await writer.write(ByteBuffer(bytes: chunk)) }
                }
            }
            guard let object = query["object"], !object.isEmpty else {
                throw ConsoleError(
                    .badRequest,
                    "Name the pod, as `?pod=web-1`, or what made pods, as `?object=…`."
                )
            }
            let pods = backend.board.pods(below: String(object), of: id)
            guard !pods.isEmpty else { throw ConsoleError(.notFound, "\(object) has no pods.") }
            return text(request) { writer in try await write(pods, wish, of: id, to: &writer) }
        }
    }

    private func chunks(
        ofPod pod: String,
        _ wish: Wish,
        of id: ApplicationID
    ) async throws
        -> AsyncThrowingStream<[UInt8], any Error>
    {
        try await backend.log(
            ofPod: pod,
            container: wish.container,
            tail: wish.tail,
            follow: wish.follow,
            previous: wish.previous,
            of: id
        )
    }

    private func text(
        _ request: Request,
        _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        Response(
            status: .ok,
            // Looking out for its end while streaming uses the connection up.
            headers: [
                .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store", .connection: "close",
            ],
            body: ResponseBody { writer in
                try await request.body.consumeWithCancellationOnInboundClose { _ in try await write(&writer) }
                try await writer.finish(nil)
            }
        )
    }

    /// Reads all at once; a line is written whole, and waits while the reader is slow.
    private func write(
        _ pods: [String],
        _ wish: Wish,
        of id: ApplicationID,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (lines, continuation) = AsyncStream.makeStream(
                of: [UInt8].self,
                bufferingPolicy: .bufferingNewest(4_096)
            )
            group.addTask {
                defer { continuation.finish() }
                await withTaskGroup(of: Void.self) { readers in
                    for pod in pods.prefix(Self.mostPods) {
                        readers.addTask { await relay(pod, wish, of: id, to: continuation) }
                    }
                }
            }
            if pods.count > Self.mostPods {
                continuation.yield(
                    Array("… \(pods.count - Self.mostPods) more pods are not shown here\n".utf8)
                )
            }
            for await line in lines { try await writer.write(ByteBuffer(bytes: line)) }
            group.cancelAll()
        }
    }

    private func relay(
        _ pod: String,
        _ wish: Wish,
        of id: ApplicationID,
        to lines: AsyncStream<[UInt8]>.Continuation
    ) async {
        let lead = Array("\(pod)\u{1F}".utf8)
        var rest: [UInt8] = []
        do {
            for try await chunk in try await chunks(ofPod: pod, wish, of: id) {
                var start = chunk.startIndex
                while let end = chunk[start...].firstIndex(of: 0x0A) {
                    lines.yield(lead + rest + chunk[start...end])
                    rest = []
                    start = end + 1
                }
                rest += chunk[start...]
                if rest.count > 65_536 {
                    lines.yield(lead + rest + [0x0A])
                    rest = []
                }
            }
            if !rest.isEmpty { lines.yield(lead + rest + [0x0A]) }
        } catch {
            // One pod without a log is told in its place; the others go on.
            let why = ConsoleError(error)?.message ?? "it cannot be read"
            lines.yield(lead + Array("(no log: \(why))\n".utf8))
        }
    }

    /// `?follow`, `?follow=1` and `?follow=true`.
    private static func isSet(_ value: Substring?) -> Bool {
        value.map { ["", "1", "true"].contains($0) } ?? false
    }
}

extension Board {
    /// Names of the pods that an object made, by itself or by others between; the object itself if it is one.
    fileprivate func pods(below root: String, of id: ApplicationID) -> [String] {
        let nodes = objects(of: id)
        var isBelow: [String: Bool] = [root: true]
        let byID = Dictionary(nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        func belongs(_ node: ObjectNode, _ depth: Int) -> Bool {
            if let known = isBelow[node.id] { return known }
            let parent = node.parent.flatMap { byID[$0] }
            let answer = depth < 16 && (parent.map { belongs($0, depth + 1) } ?? false)
            isBelow[node.id] = answer
            return answer
        }
        return nodes.filter { $0.kind == "Pod" && belongs($0, 0) }.map(\.name)
    }
}
