import KubeClient
import KubeModel
import KubeRuntime
import Logging
import Synchronization

/// Writes Kubernetes events about what Varde did, where people look for them.
struct EventWriter: Sendable {
    enum Severity: String, Sendable { case normal = "Normal", warning = "Warning" }

    let client: KubeClient
    let logger: Logger
    let now: @Sendable () -> Double

    /// A failure to write is logged: an event is never worth stopping a sync.
    func write(
        _ reason: String,
        _ message: String,
        about object: KubeObject,
        severity: Severity = .normal
    ) async {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        let time = now()
        let name = "\(object.name.prefix(200)).\(String(Int64(time * 1_000_000), radix: 16))"
        var event = KubeObject(apiVersion: "v1", kind: "Event", namespace: namespace, name: name)
        var involved: JSON = [
            "apiVersion": .string(object.apiVersion), "kind": .string(object.kind),
            "name": .string(object.name),
        ]
        if !object.namespace.isEmpty { involved["namespace"] = .string(object.namespace) }
        if !object.uid.isEmpty { involved["uid"] = .string(object.uid) }
        if !object.resourceVersion.isEmpty { involved["resourceVersion"] = .string(object.resourceVersion) }
        let stamp = JSON.string(Timestamp(time).text)
        event["involvedObject"] = involved
        event["reason"] = .string(reason)
        event["message"] = .string(String(message.prefix(1_000)))
        event["type"] = .string(severity.rawValue)
        event["source"] = ["component": "varde"]
        event["reportingComponent"] = "varde.dev/delivery"
        event["reportingInstance"] = "varde"
        event["firstTimestamp"] = stamp
        event["lastTimestamp"] = stamp
        event["count"] = 1
        do {
            _ = try await client.create(.events, event)
        } catch {
            logger.debug("event not written", metadata: ["reason": "\(reason)", "error": "\(error)"])
        }
    }
}
