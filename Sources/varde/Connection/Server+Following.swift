/// What a command that follows the stream is told.
enum StreamSignal: Sendable {
    /// The stream is open: read everything now; what changes later comes as events.
    case connected
    case event(ServerEvent)
    /// The connection is lost and is tried again.
    case lost(CommandFailure)
    /// Time passes: ages have changed.
    case tick
    case deadline
}

enum Continuation: Sendable { case more, done }

extension Server {
    /// Follows the stream until `body` says it is done; lost connections are made anew.
    ///
    /// - Parameters:
    ///   - application: Events of this application only, its objects and steps among them; of all if `nil`.
    ///   - limit: After this time one ``StreamSignal/deadline`` is sent.
    /// - Throws: What `body` throws; a refusal of the server (an expired token, say).
    func follow(
        application: String? = nil,
        limit: Duration? = nil,
        _ body: (StreamSignal) async throws -> Continuation
    ) async throws {
        let (signals, input) = AsyncThrowingStream<StreamSignal, any Error>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await self.readStream(application: application, into: input)
                } catch {
                    input.finish(throwing: error)
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    input.yield(.tick)
                }
            }
            if let limit {
                group.addTask {
                    try await Task.sleep(for: limit)
                    input.yield(.deadline)
                }
            }
            defer { group.cancelAll() }
            for try await signal in signals where try await body(signal) == .done {
                return
            }
        }
    }

    private func readStream(
        application: String?,
        into input: AsyncThrowingStream<StreamSignal, any Error>.Continuation
    ) async throws {
        let path = "/api/v1/stream" + (application.map { "?application=\(Server.escape($0))" } ?? "")
        var pause = Duration.milliseconds(150)
        var last = ""
        while true {
            do {
                var parser = ServerEventParser()
                let body = try await stream(path, headers: last.isEmpty ? [:] : ["Last-Event-ID": last])
                pause = .milliseconds(150)
                for try await bytes in body {
                    for event in parser.append(bytes) {
                        if !event.id.isEmpty { last = event.id }
                        let isStart = event.name == "hello" || event.name == "reset"
                        input.yield(isStart ? .connected : .event(event))
                    }
                }
                input.yield(.lost(file.notAnswering("it closed the connection")))
            } catch let error as CancellationError {
                throw error
            } catch let failure as CommandFailure {
                guard failure.code == .notRunning || failure.code == .server else { throw failure }
                input.yield(.lost(failure))
            } catch let error {
                try Task.checkCancellation()
                input.yield(.lost(file.notAnswering("\(error)")))
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// A text as a part of a query.
    static func escape(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                result.append(Character(Unicode.Scalar(byte)))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count == 1 ? "0" + hex : hex)
            }
        }
        return result
    }
}
