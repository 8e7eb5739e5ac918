import KubeClient
import KubeModel
import Logging
import Synchronization

/// Who writes an event: `kubelet` on a node, `deployment-controller` ….
struct EventSource: Sendable, Hashable {
    var component: String
    var host = ""
}

enum EventType: String, Sendable { case normal = "Normal", warning = "Warning" }

/// Writes events in the background, in order; repetitions of one event count up instead of making new ones.
///
/// Events are a courtesy: when more wait than the queue holds the newest are dropped, and a failure is not retried.
final class EventRecorder: Sendable {
    struct Entry: Sendable {
        var object: KubeObject
        var source: EventSource
        var type: EventType
        var reason: String
        var message: String
        /// The part of the object that it is about: `spec.containers{web}`.
        var fieldPath: String?
        /// What was being done; set by those that write events in the newer form, of `events.k8s.io`.
        var action: String?
    }

    private let client: KubeClient
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let entries: AsyncStream<Entry>
    private let mailbox: AsyncStream<Entry>.Continuation

    init(client: KubeClient, logger: Logger, now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        self.client = client
        self.logger = logger
        self.now = now
        (entries, mailbox) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(8_192))
    }

    func record(
        _ reason: String,
        _ message: String,
        type: EventType = .normal,
        about object: KubeObject,
        from source: EventSource,
        fieldPath: String? = nil,
        action: String? = nil
    ) {
        mailbox.yield(
            Entry(
                object: object,
                source: source,
                type: type,
                reason: reason,
                message: message,
                fieldPath: fieldPath,
                action: action
            )
        )
    }

    /// Writes until cancelled.
    func run() async {
        var series = EventSeries()
        for await entry in entries {
            do {
                try await write(entry, &series)
            } catch {
                if Task.isCancelled { return }
                logger.debug(
                    "event not written",
                    metadata: ["reason": "\(entry.reason)", "error": "\(error)"]
                )
            }
        }
    }

    private func write(_ entry: Entry, _ series: inout EventSeries) async throws {
        let now = now()
        if let known = series.repetition(of: entry) {
            let patch = Self.repetition(entry, count: known.count, at: now)
            do {
                _ = try await client.patch(.events, known.name, merge: patch)
                return
            } catch let error as StatusError where error.isNotFound {
                series.forget(entry)
            }
        }
        let event = Self.event(entry, at: now, number: series.nextNumber())
        _ = try await client.create(.events, event)
        series.began(entry, event.objectName)
    }

    private static func repetition(_ entry: Entry, count: Int, at now: Timestamp) -> JSON {
        guard entry.action != nil else {
            return ["count": .integer(Int64(count)), "lastTimestamp": .string(now.text)]
        }
        return ["series": ["count": .integer(Int64(count)), "lastObservedTime": .string(now.microText)]]
    }

    static func event(_ entry: Entry, at now: Timestamp, number: Int) -> KubeObject {
        let object = entry.object
        let nanoseconds = now.epochNanoseconds + number % 1_000
        var event = KubeObject(
            apiVersion: "v1",
            kind: "Event",
            namespace: object.namespace.isEmpty ? "default" : object.namespace,
            name: "\(object.name).\(String(nanoseconds, radix: 16))"
        )
        var involved: JSON = [
            "apiVersion": .string(object.apiVersion), "kind": .string(object.kind),
            "name": .string(object.name),
            "uid": .string(object.uid), "resourceVersion": .string(object.resourceVersion),
        ]
        if !object.namespace.isEmpty { involved["namespace"] = .string(object.namespace) }
        if let path = entry.fieldPath { involved["fieldPath"] = .string(path) }
        event["involvedObject"] = involved
        event["reason"] = .string(entry.reason)
        event["message"] = .string(String(entry.message.prefix(1024)))
        event["type"] = .string(entry.type.rawValue)
        event["reportingComponent"] = .string(entry.source.component)
        event["reportingInstance"] = .string(entry.source.host)
        if let action = entry.action {
            event["action"] = .string(action)
            event["eventTime"] = .string(now.microText)
            event["source"] = [:]
            return event
        }
        var source: JSON = ["component": .string(entry.source.component)]
        if !entry.source.host.isEmpty { source["host"] = .string(entry.source.host) }
        event["source"] = source
        event["firstTimestamp"] = .string(now.text)
        event["lastTimestamp"] = .string(now.text)
        event["count"] = 1
        return event
    }
}

/// Which events were written lately, so that the next one like it counts up.
struct EventSeries {
    private struct Key: Hashable {
        var uid: String
        var source: EventSource
        var reason: String
        var message: String
        var fieldPath: String?
    }

    private var known: [Key: (name: ObjectName, count: Int)] = [:]
    private var number = 0

    mutating func nextNumber() -> Int {
        number += 1
        return number
    }

    private func key(_ entry: EventRecorder.Entry) -> Key {
        Key(
            uid: entry.object.uid,
            source: entry.source,
            reason: entry.reason,
            message: entry.message,
            fieldPath: entry.fieldPath
        )
    }

    mutating func repetition(of entry: EventRecorder.Entry) -> (name: ObjectName, count: Int)? {
        guard var series = known[key(entry)] else { return nil }
        series.count += 1
        known[key(entry)] = series
        return series
    }

    mutating func began(_ entry: EventRecorder.Entry, _ name: ObjectName) {
        // Bounded; forgetting only means a new event instead of a count.
        if known.count > 2_000 { known = [:] }
        known[key(entry)] = (name, 1)
    }

    mutating func forget(_ entry: EventRecorder.Entry) { known[key(entry)] = nil }
}
