import Crypto
import Foundation
import KubeClient
import KubeModel
import KubeRuntime
import Synchronization

/// Leaves errands for the replica that delivers, and waits for what comes of them.
final class ErrandDesk: Sendable {
    let key: SymmetricKey
    private let admin: KubeClient
    private let now: @Sendable () -> Double
    /// Objects changed that somebody waits for.
    private let signal = ChangeSignal()
    private let patience: Patience

    /// How long somebody waits.
    struct Patience: Sendable {
        /// Until a replica has taken the errand; one that died is followed by another in less.
        var taking = Duration.seconds(15)
        /// Until there is an answer.
        var answering = Duration.seconds(27)
        /// Between looks, when no change is seen.
        var looking = Duration.milliseconds(500)
    }

    init(
        key: SymmetricKey,
        admin: KubeClient,
        patience: Patience = Patience(),
        now: @escaping @Sendable () -> Double
    ) {
        self.key = key
        var admin = admin
        admin.fieldManager = "varde-errands"
        self.admin = admin
        self.patience = patience
        self.now = now
    }

    /// An `Application` object changed that another replica delivers.
    func noted(_ object: KubeObject) {
        if object.annotations.contains(where: {
            $0.key.hasPrefix(Errand.answer) || $0.key.hasPrefix(Errand.taken)
        }) {
            signal.signal()
        }
    }

    /// Has a deed done where the application is delivered from.
    ///
    /// - Throws: `StatusError` with what that replica said, or that none answered; then it was not done, or the message says
    ///   that nobody knows.
    func ask(_ deed: Deed, of id: ApplicationID, by person: String) async throws -> JSON {
        let errand = Errand(
            id: UUID().uuidString.lowercased(),
            application: id,
            deed: deed,
            person: person,
            since: now()
        )
        let name = ApplicationObject.name(of: id)
        let value = errand.signed(with: key)
        guard value.utf8.count <= Errand.sizeLimit else {
            throw failure(
                413,
                "TooLarge",
                "This names too much at once for another replica; name less, or all."
            )
        }
        guard let object = try await admin.find(.applications, name) else {
            throw DeliveryError.notFound("There is no application \(id).")
        }
        guard Errand.values(Errand.waiting, of: object).count < Errand.most else {
            throw failure(
                429,
                "TooManyRequests",
                "\(Errand.most) requests wait already for the replica of Varde that delivers to \(id.cluster)."
            )
        }
        let changes = signal.stream()
        _ = try await annotate(name, [Errand.waiting + errand.id: value])
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [signal, patience] in
                while true {
                    try await Task.sleep(for: patience.looking)
                    signal.signal()
                }
            }
            defer { group.cancelAll() }
            return try await answer(to: errand, at: name, changes)
        }
    }

    private func answer(
        to errand: Errand,
        at name: ObjectName,
        _ changes: AsyncStream<Void>
    ) async throws -> JSON {
        let start = ContinuousClock.now
        for await _ in changes {
            guard let object = try await admin.find(.applications, name) else {
                throw DeliveryError.notFound("There is no application \(errand.application) any more.")
            }
            if let text = object.annotation(Errand.answer + errand.id) {
                // What stays is removed by the other replica.
                _ = try? await annotate(name, [Errand.answer + errand.id: nil])
                switch ErrandAnswer(text) {
                case .done(let result): return result
                case .failed(let error): throw error
                }
            }
            let waited = start.duration(to: .now)
            if object.annotation(Errand.waiting + errand.id) != nil, waited > patience.taking {
                // Taken back, unless somebody takes it at this moment.
                let version = object.resourceVersion
                guard try await tryAnnotating(name, [Errand.waiting + errand.id: nil], at: version) else {
                    continue
                }
                throw failure(
                    503,
                    "ServiceUnavailable",
                    "The replica of Varde that delivers to \(errand.application.cluster) does not answer; nothing was done."
                )
            }
            if waited > patience.answering {
                throw failure(
                    503,
                    "ServiceUnavailable",
                    "The replica of Varde that delivers to \(errand.application.cluster) began this and has not said how "
                        + "it ended; look before you ask again."
                )
            }
        }
        throw CancellationError()
    }

    private func failure(_ code: Int, _ reason: String, _ message: String) -> StatusError {
        StatusError(code: code, reason: reason, message: message)
    }

    // MARK: Annotations

    @discardableResult
    func annotate(
        _ name: ObjectName,
        _ annotations: [String: String?],
        at version: String? = nil
    ) async throws
        -> KubeObject
    {
        var metadata: JSON = [
            "annotations": .object(
                JSONObject(annotations.map { ($0, $1.map { .string($0) } ?? .null) }) { first, _ in first }
            )
        ]
        if let version { metadata["resourceVersion"] = .string(version) }
        return try await admin.patch(.applications, name, merge: ["metadata": metadata])
    }

    /// - Returns: Whether the object was still as it was seen.
    func tryAnnotating(
        _ name: ObjectName,
        _ annotations: [String: String?],
        at version: String
    ) async throws -> Bool {
        do {
            _ = try await annotate(name, annotations, at: version)
            return true
        } catch let error as StatusError where error.isConflict {
            return false
        }
    }
}
