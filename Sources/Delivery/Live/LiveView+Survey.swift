import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

extension LiveView {
    /// Finds out in which resources there are objects with Varde's label, trying until the cluster answers.
    func surveyUntilDone() async throws {
        let backoff = Backoff(first: .seconds(1), limit: .seconds(15))
        var attempt = 0
        while true {
            do {
                surveyFinished(try await survey())
                return
            } catch {
                try Task.checkCancellation()
                let message = "\(error)"
                state.withLock { $0.surveyFailure = message }
                logger.warning(
                    "cluster cannot be surveyed",
                    metadata: ["cluster": "\(cluster)", "error": "\(error)"]
                )
                try await Task.sleep(for: backoff.jittered(attempt: attempt))
                attempt += 1
            }
        }
    }

    private func survey() async throws -> [APIResource] {
        try await persistently { try await client.discovery.refresh() }
        let resources = try await client.discovery.resources().filter { $0.isWatchable && $0.kind != "Event" }
        return try await withThrowingTaskGroup(of: APIResource?.self) { group in
            var found: [APIResource] = []
            for (index, resource) in resources.enumerated() {
                if index >= 6, let answer = try await group.next(), let answer { found.append(answer) }
                group.addTask { try await self.hasTrackedObjects(resource) ? resource : nil }
            }
            for try await answer in group {
                if let answer { found.append(answer) }
            }
            return found
        }
    }

    private static let madeInNumbers: Set<String> = ["Pod", "ReplicaSet"]

    private func hasTrackedObjects(_ resource: APIResource) async throws -> Bool {
        // An API server may read its store in pages of this size until one object matches: with 1 and 20,000 pods that took
        // it fourteen seconds.
        var query = [(name: "labelSelector", value: Tracking.label), (name: "limit", value: "500")]
        // Of these there are many, and few are anybody's own: from the API server's memory, not from its store, where one
        // that knows no index by label reads all of them.
        if Self.madeInNumbers.contains(resource.kind) { query.append((name: "resourceVersion", value: "0")) }
        let request = APIRequest(.get, resource.path(inNamespace: nil), query: query)
        do {
            let list = try await persistently { try await client.send(request) }
            return !(list["items"]?.array?.isEmpty ?? true)
        } catch let error as StatusError where error.code < 500 && error.code != 429 {
            // Nothing that could not be listed was ever applied here.
            return false
        }
    }

    /// A survey is many requests: one that fails now and then must not make all of them be asked again.
    private func persistently<Answer>(_ request: () async throws -> Answer) async throws -> Answer {
        for attempt in 0..<4 {
            do {
                return try await request()
            } catch let error as StatusError where error.isRetryable {
            } catch let error as ClientError where error.code == .connectionLost {
            }
            let pause = Backoff(first: .milliseconds(100), limit: .seconds(1)).jittered(attempt: attempt)
            try await Task.sleep(for: pause)
        }
        return try await request()
    }
}
