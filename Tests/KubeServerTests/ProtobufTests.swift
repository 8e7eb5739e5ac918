import KubeModel
@testable import KubeServer
import Testing

@Suite("Protocol buffers")
struct ProtobufTests {
    /// A field whose content is bytes.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(content.count)] + content
    }

    private static func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    private static func envelope(_ apiVersion: String, _ kind: String, _ raw: [UInt8]) -> [UInt8] {
        Array("k8s\0".utf8) + field(1, text(1, apiVersion) + text(2, kind)) + field(2, raw)
    }

    @Test("An object of a Go client is the JSON that it stands for")
    func decodes() throws {
        let metadata =
            Self.text(1, "a") + Self.text(3, "team")
            + Self.field(11, Self.text(1, "app") + Self.text(2, "web"))
        let raw = Self.field(1, metadata) + Self.field(2, Self.text(1, "k") + Self.text(2, "v"))
        let object = try ProtobufDecoder.object(Self.envelope("v1", "ConfigMap", raw))
        let expected: JSON = [
            "apiVersion": "v1", "kind": "ConfigMap", "data": ["k": "v"],
            "metadata": ["name": "a", "namespace": "team", "labels": ["app": "web"]],
        ]
        #expect(object == expected)
    }

    @Test("Zero values of optional fields are left out, those behind pointers are kept")
    func knowsZeroValues() throws {
        // spec.replicas = 0 is behind a pointer, spec.paused = false is not.
        let spec: [UInt8] = [1 << 3, 0, 7 << 3, 0]
        let object = try ProtobufDecoder.object(Self.envelope("apps/v1", "Deployment", Self.field(2, spec)))
        #expect(object["spec"] == ["replicas": 0])
    }

    /// As `generated.proto` of k8s.io/api publishes them.
    private static let published: [(String, [Int: String])] = [
        (
            "io.k8s.api.apps.v1.DeploymentSpec",
            [
                1: "replicas", 2: "selector", 3: "template", 4: "strategy", 5: "minReadySeconds",
                6: "revisionHistoryLimit", 7: "paused", 9: "progressDeadlineSeconds",
            ]
        ),
        (
            "io.k8s.api.apps.v1.DaemonSetSpec",
            [
                1: "selector", 2: "template", 3: "updateStrategy", 4: "minReadySeconds",
                6: "revisionHistoryLimit",
            ]
        ),
        (
            "io.k8s.api.apps.v1.DeploymentCondition",
            [1: "type", 2: "status", 4: "reason", 5: "message", 6: "lastUpdateTime", 7: "lastTransitionTime"]
        ),
        ("io.k8s.api.apps.v1.ControllerRevision", [1: "metadata", 2: "data", 3: "revision"]),
    ]

    @Test("The numbers of fields are those that Kubernetes publishes", arguments: published)
    func numbers(_ name: String, _ fields: [Int: String]) throws {
        let types = ProtobufTypes.shared
        let message = types.messages[try #require(types.index(of: name))]
        #expect(Dictionary(uniqueKeysWithValues: message.fields.map { ($0.number, $0.name) }) == fields)
    }

    @Test(
        "Bytes that are no object are refused",
        arguments: [
            [], [1, 2, 3], Array("k8s\0".utf8), Array("k8s\0".utf8) + [0xff, 0xff, 0xff],
            Array("k8s\0".utf8) + [0x0a, 0x7f, 0x01],
        ] as [[UInt8]]
    )
    func refuses(bytes: [UInt8]) {
        #expect(throws: SyntaxError.self) { try ProtobufDecoder.object(bytes) }
    }
}
