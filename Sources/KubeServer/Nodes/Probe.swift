import KubeModel

/// The three probes of a container, as far as their times and words matter.
enum Probe: String, Sendable {
    case readiness = "Readiness"
    case liveness = "Liveness"
    case startup = "Startup"

    private var field: String { "\(rawValue.lowercased())Probe" }

    /// When it first succeeds after the container's start; long delays are cut short.
    func delay(in container: JSON) -> Duration {
        guard let probe = container[field] else { return .zero }
        return .seconds(min(probe["initialDelaySeconds"]?.int ?? 0, 60)) + .milliseconds(100)
    }

    /// When so many failures have come together that the kubelet acts; long times are cut short.
    func patience(in container: JSON) -> Duration {
        let probe = container[field]
        let period = probe?["periodSeconds"]?.int ?? 10
        let failures = probe?["failureThreshold"]?.int ?? 3
        let delay = probe?["initialDelaySeconds"]?.int ?? 0
        return .seconds(min(delay + period * max(0, failures - 1), 60)) + .milliseconds(500)
    }

    /// What the kubelet says of a failure.
    func failure(in container: JSON, podIP: String) -> String {
        let probe = container[field]
        let words: String
        if let port = probe?.at("tcpSocket", "port") {
            words = "dial tcp \(podIP):\(port.int ?? 80): connect: connection refused"
        } else if probe?["grpc"] != nil {
            words = "service unhealthy (responded with \"NOT_SERVING\")"
        } else if probe?["exec"] != nil {
            words = "exit status 1"
        } else {
            words = "HTTP probe failed with statuscode: \(self == .liveness ? 500 : 503)"
        }
        return "\(rawValue) probe failed: \(words)"
    }
}
