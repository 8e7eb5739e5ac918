import Foundation
import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// Carries out the errands of the applications that this replica delivers.
///
/// Each is taken before it is done, by a write that fails when the object is not as it was seen: two replicas never do
/// the same one. One that was taken by a process that ended is never done again; whoever asked is told that nobody knows.
struct ErrandRunner: Reconciler {
    let environment: DeliveryEnvironment
    let desk: ErrandDesk
    /// Answers with what came of it.
    let carryOut: @Sendable (Errand) async throws -> JSON

    /// An `Application` object of this replica was seen.
    static func isConcerned(by object: KubeObject) -> Bool {
        object.annotations.contains {
            $0.key.hasPrefix(Errand.waiting) || $0.key.hasPrefix(Errand.answer)
                || $0.key.hasPrefix(Errand.taken)
        }
    }

    func reconcile(_ id: ApplicationID) async throws -> ReconcileResult {
        let name = ApplicationObject.name(of: id)
        guard var object = try await environment.admin.find(.applications, name) else { return .settled }
        guard environment.delivers(to: id.cluster) else {
            // Whoever delivers takes it at once; if that one has died it may be ours in a moment.
            let isWaiting = !Errand.values(Errand.waiting, of: object).isEmpty
            return isWaiting ? .again(after: .seconds(1)) : .settled
        }
        for (number, value) in Errand.values(Errand.waiting, of: object) {
            let key = Errand.waiting + number
            // Taken back while another one was done.
            guard object.annotation(key) == value else { continue }
            guard let errand = Errand(value, id: number, of: id, key: desk.key) else {
                environment.logger.warning(
                    "an errand that no replica signed is left undone",
                    metadata: ["application": "\(id)"]
                )
                object = try await desk.annotate(name, [key: nil])
                continue
            }
            let age = environment.now() - errand.since
            guard abs(age) <= Errand.lifetime else {
                let words =
                    "This was asked \(Int(age)) s ago by this replica's clock, and is not done any more; ask again."
                let answer = ErrandAnswer.failed(StatusError(code: 409, reason: "Expired", message: words))
                object = try await desk.annotate(
                    name,
                    [key: nil, Errand.answer + number: answer.text(at: environment.now())]
                )
                continue
            }
            let taken = "\(environment.now())"
            let isOurs = try await desk.tryAnnotating(
                name,
                [key: nil, Errand.taken + number: taken],
                at: object.resourceVersion
            )
            // Somebody else wrote in between: all is looked at again.
            guard isOurs else { return .again(after: .milliseconds(10)) }
            let answer = await result(of: errand)
            object = try await desk.annotate(
                name,
                [Errand.taken + number: nil, Errand.answer + number: answer.text(at: environment.now())]
            )
        }
        return try await clear(object, name)
    }

    private func result(of errand: Errand) async -> ErrandAnswer {
        environment.logger.notice(
            "errand",
            metadata: [
                "application": "\(errand.application)", "by": "\(errand.person)",
                "deed": "\(errand.deed.word)",
            ]
        )
        do {
            return .done(try await carryOut(errand))
        } catch let error as StatusError {
            return .failed(error)
        } catch let error as DeliveryError {
            return .failed(error.status)
        } catch let error as ClientError {
            return .failed(
                StatusError(
                    code: 503,
                    reason: "ServiceUnavailable",
                    message: "Cluster \(errand.application.cluster) does not answer: \(error.message)"
                )
            )
        } catch {
            return .failed(StatusError(code: 500, reason: "InternalError", message: "\(error)"))
        }
    }

    /// Removes what nobody fetched, and what a process that ended had begun.
    private func clear(_ object: KubeObject, _ name: ObjectName) async throws -> ReconcileResult {
        var old: [String: String?] = [:]
        var isLeft = false
        func sort(_ key: String, _ time: Double) {
            if environment.now() - time > Errand.rest {
                old.updateValue(nil, forKey: key)
            } else {
                isLeft = true
            }
        }
        for (number, text) in Errand.values(Errand.answer, of: object) {
            sort(Errand.answer + number, ErrandAnswer.time(of: text))
        }
        for (number, text) in Errand.values(Errand.taken, of: object) {
            sort(Errand.taken + number, Double(text) ?? 0)
        }
        if !old.isEmpty { _ = try await desk.annotate(name, old) }
        return isLeft ? .again(after: .seconds(Errand.rest)) : .settled
    }
}
