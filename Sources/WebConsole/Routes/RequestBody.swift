import Hummingbird
import KubeModel

/// The JSON object of a request's body; empty for no body.
struct RequestBody: Sendable {
    private let json: JSON

    init(_ request: Request) async throws {
        let body = try await request.body.collect(upTo: 1 << 20)
        guard body.readableBytes > 0 else {
            json = [:]
            return
        }
        guard let json = try? JSON.parse(body.readableBytesView, limits: .init(depth: 8)), json.object != nil
        else {
            throw ConsoleError(.badRequest, "The body is empty or a JSON object.")
        }
        self.json = json
    }

    func text(_ name: String) throws -> String? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let text = value.string, text.utf8.count <= 4_096 else {
            throw ConsoleError(.badRequest, "`\(name)` is a text of at most 4096 bytes.")
        }
        return text
    }

    func needed(_ name: String) throws -> String {
        guard let text = try text(name), !text.isEmpty else {
            throw ConsoleError(.badRequest, "`\(name)` is needed.")
        }
        return text
    }

    func number(_ name: String) throws -> Double? {
        guard let value = json[name], !value.isNull else { return nil }
        if let whole = value.int { return Double(whole) }
        guard case .double(let number) = value, number.isFinite else {
            throw ConsoleError(.badRequest, "`\(name)` is a number.")
        }
        return number
    }

    /// Object ids; `nil` when none are named.
    func objects() throws -> [String]? {
        guard let named = json["objects"], !named.isNull else { return nil }
        guard let list = named.array?.map(\.string), !list.contains(nil) else {
            throw ConsoleError(.badRequest, "`objects` is a list of object ids.")
        }
        return list.compactMap(\.self)
    }
}
