import KubeClient
import KubeModel
@testable import KubeServer
import KubeTesting
import Testing

@Suite("Tables")
struct TableTests {
    private static let now = Timestamp(seconds: 1_000_000, nanoseconds: 0)

    private static func pod(_ spec: JSON, _ status: JSON) -> [String] {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: "p")
        pod.spec = spec
        pod.status = status
        return PodCells.cells(Cells(pod, now: now)).prefix(4).map { $0.string ?? $0.text }
    }

    private static let two: JSON = ["containers": [["name": "c"], ["name": "d"]]]

    @Test("A pod that is not placed is pending with none of its containers ready")
    func pending() {
        #expect(Self.pod(Self.two, ["phase": "Pending"]) == ["p", "0/2", "Pending", "0"])
    }

    @Test("A waiting container's reason stands for the pod")
    func waiting() {
        let status: JSON = [
            "phase": "Running",
            "containerStatuses": [
                ["name": "c", "ready": true, "restartCount": 0, "state": ["running": [:]]],
                [
                    "name": "d", "ready": false, "restartCount": 4,
                    "state": ["waiting": ["reason": "CrashLoopBackOff"]],
                    "lastState": ["terminated": ["finishedAt": "1970-01-12T13:45:40Z"]],
                ],
            ],
        ]
        #expect(Self.pod(Self.two, status) == ["p", "1/2", "CrashLoopBackOff", "4 (60s ago)"])
    }

    @Test("Init containers tell how far they are")
    func initializing() {
        let spec: JSON = ["containers": [["name": "c"]], "initContainers": [["name": "i"], ["name": "j"]]]
        let status: JSON = [
            "phase": "Pending",
            "initContainerStatuses": [
                ["name": "i", "state": ["terminated": ["exitCode": 0]]],
                ["name": "j", "state": ["running": [:]]],
            ],
        ]
        #expect(Self.pod(spec, status) == ["p", "0/1", "Init:1/2", "0"])
    }

    @Test(
        "JSON paths of printer columns find the first value",
        arguments: [
            (".spec.a", "1"), ("{.spec.a}", "1"), (".spec.list[1]", "y"), (".spec['x.y']", "z"),
            (".status.conditions[?(@.type==\"Ready\")].status", "True"), (".spec.list[*]", "x"),
            (".spec.none", nil),
        ] as [(String, String?)]
    )
    func findsPaths(path: String, value: String?) throws {
        let object: JSON = [
            "spec": ["a": "1", "list": ["x", "y"], "x.y": "z"],
            "status": [
                "conditions": [["type": "Other", "status": "False"], ["type": "Ready", "status": "True"]]
            ],
        ]
        #expect(try #require(JSONPath(path)).first(in: object)?.string == value)
    }

    @Test("Every built-in resource has as many cells as columns")
    func fillsColumns() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let printers = TablePrinters(store: try ClusterStore())
            for definition in ResourceRegistry(store: try ClusterStore()).definitions
            where definition.verbs.contains("list") {
                let printer = printers.printer(for: definition, .table(version: "v1"))
                let object = KubeObject(
                    apiVersion: definition.gvk.apiVersion,
                    kind: definition.kind,
                    name: "x"
                )
                #expect(printer.cells(of: object).count == printer.columns.count, "\(definition.gvr)")
            }
        }
    }
}
