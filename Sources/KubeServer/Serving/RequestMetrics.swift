import KubeModel
import Synchronization

/// What `/metrics` tells of a cluster's requests, under the names that Kubernetes' own servers use.
final class RequestMetrics: Sendable {
    private struct Subject: Hashable {
        var verb: String
        var resource: String
    }

    private struct Figures {
        var byCode: [Int: Int] = [:]
        var buckets = [Int](repeating: 0, count: RequestMetrics.bounds.count)
        var count = 0
        var sum = 0.0
    }

    private static let bounds = [0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 5.0]
    /// Paths of clients' making do not add up without end.
    private static let limit = 5_000
    private let figures = Mutex<[Subject: Figures]>([:])

    /// Notes an answered request; of a watch only that it began.
    func note(_ info: RequestInfo, code: Int, took: Duration) {
        let resource = info.gvr.group.isEmpty ? info.gvr.resource : "\(info.gvr.resource).\(info.gvr.group)"
        let subject = Subject(
            verb: info.verb.uppercased(),
            resource: info.isResource && code != 404 ? resource : ""
        )
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
        figures.withLock { figures in
            guard figures.count < Self.limit || figures[subject] != nil else { return }
            figures[subject, default: Figures()].byCode[code, default: 0] += 1
            guard info.verb != "watch" else { return }
            figures[subject]?.count += 1
            figures[subject]?.sum += seconds
            for (place, bound) in Self.bounds.enumerated() where seconds <= bound {
                figures[subject]?.buckets[place] += 1
            }
        }
    }

    /// As Prometheus reads it.
    func text(of store: ClusterStore) -> String {
        var page = MetricsPage()
        let figures = figures.withLock { $0 }.sorted {
            ($0.key.resource, $0.key.verb) < ($1.key.resource, $1.key.verb)
        }
        page.begin("apiserver_request_total", "counter", "Requests by verb, resource and code of the answer.")
        for (subject, figure) in figures {
            for (code, count) in figure.byCode.sorted(by: { $0.key < $1.key }) {
                page.add(
                    [("verb", subject.verb), ("resource", subject.resource), ("code", "\(code)")],
                    "\(count)"
                )
            }
        }
        page.begin(
            "apiserver_request_duration_seconds",
            "histogram",
            "Time until the answer, watches left out."
        )
        for (subject, figure) in figures where figure.count > 0 {
            let labels = [("verb", subject.verb), ("resource", subject.resource)]
            for (bound, count) in zip(Self.bounds, figure.buckets) {
                page.add(labels + [("le", "\(bound)")], "\(count)", suffix: "_bucket")
            }
            page.add(labels + [("le", "+Inf")], "\(figure.count)", suffix: "_bucket")
            page.add(labels, "\(figure.sum)", suffix: "_sum")
            page.add(labels, "\(figure.count)", suffix: "_count")
        }
        let state = store.figures
        page.begin("apiserver_storage_objects", "gauge", "Stored objects by resource.")
        for (resource, count) in state.objects { page.add([("resource", resource)], "\(count)") }
        page.begin("apiserver_longrunning_requests", "gauge", "Open watches by resource.")
        for (resource, count) in state.watches {
            page.add([("verb", "WATCH"), ("resource", resource)], "\(count)")
        }
        page.begin("apiserver_storage_size_bytes", "gauge", "Size of the database file, its log included.")
        page.add([], "\(state.databaseSize)")
        page.begin("varde_change_log_events", "gauge", "Changes that are kept for watches to resume.")
        page.add([], "\(state.changes)")
        page.begin("varde_change_log_bytes", "gauge", "Size of what is kept for those changes only.")
        page.add([], "\(state.changesSize)")
        page.begin("varde_resource_version", "counter", "The newest resource version.")
        page.add([], "\(state.version)")
        return page.text
    }
}

/// Writes the text format of Prometheus.
struct MetricsPage {
    private(set) var text = ""
    private var name = ""

    mutating func begin(_ name: String, _ type: String, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func add(_ labels: [(String, String)], _ value: String, suffix: String = "") {
        let shown = labels.map { key, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
                "\n",
                with: "\\n"
            )
            return "\(key)=\"\(escaped)\""
        }
        text += name + suffix + (shown.isEmpty ? "" : "{\(shown.joined(separator: ","))}") + " \(value)\n"
    }
}
