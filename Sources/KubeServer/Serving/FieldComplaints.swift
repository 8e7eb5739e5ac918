import KubeModel

/// Complaints about the fields of a body in the order of the body, with those about fields that occur twice.
///
/// The registry sees a body without order and without duplicates, so what it says is completed here.
struct FieldComplaints {
    private static let unknown = "unknown field "
    private static let strict = "strict decoding error: "

    private let prefix: String
    /// A body whose order counts.
    private let bytes: [UInt8]?
    private let repetitions: RequestBody.Repetitions

    /// - Returns: `nil` for a body of which there is nothing to add: one without order and without duplicates.
    init?(_ body: RequestBody, _ definition: ResourceDefinition) {
        bytes = definition.isCustom ? nil : body.jsonBytes
        repetitions = body.repetitions
        guard bytes != nil || !repetitions.isEmpty else { return nil }
        let kind = definition.kind
        prefix =
            "\(kind) in version \"\(definition.gvr.version)\" cannot be handled as a \(kind): " + Self.strict
    }

    /// Runs a write and completes what it says.
    ///
    /// - Parameter check: The same write without effect, to know everything that is wrong before refusing it.
    func complete(
        _ validation: WriteContext.FieldValidation,
        check: () async throws -> VerbResult,
        write: () async throws -> VerbResult
    ) async throws -> VerbResult {
        do {
            if validation == .strict, !repetitions.isEmpty {
                _ = try await check()
                throw StatusError.badRequest(prefix + repetitions.errors.joined(separator: ", "))
            }
            var result = try await write()
            if validation == .warn, !(result.warnings.isEmpty && repetitions.isEmpty) {
                let complaints = result.warnings.filter { $0.hasPrefix(Self.unknown) }
                let others = result.warnings.filter { !$0.hasPrefix(Self.unknown) }
                result.warnings = sorted(repetitions.warnings + complaints) + others
            }
            return result
        } catch let error as StatusError where error.message.hasPrefix(prefix) {
            let found = Self.split(String(error.message.dropFirst(prefix.count)))
            var completed = error
            let known = repetitions.errors
            let all = known + found.filter { !known.contains($0) }
            completed.message = prefix + sorted(all).joined(separator: ", ")
            throw completed
        }
    }

    private func sorted(_ complaints: [String]) -> [String] {
        guard complaints.count > 1, let bytes else { return complaints }
        let order = FieldOrder(bytes)
        let placed = complaints.map { text in
            let field = text.split(separator: "\"").dropFirst().first.map(String.init) ?? ""
            return (place: order.place(of: field), text: text)
        }
        return placed.sorted { ($0.place, $0.text) < ($1.place, $1.text) }.map(\.text)
    }

    /// At commas that stand before another complaint.
    private static func split(_ list: String) -> [String] {
        var parts: [String] = []
        for part in list.split(separator: ", ").map(String.init) {
            if part.hasPrefix(unknown) || part.hasPrefix("duplicate field ") || parts.isEmpty {
                parts.append(part)
            } else {
                parts[parts.count - 1] += ", " + part
            }
        }
        return parts
    }
}
