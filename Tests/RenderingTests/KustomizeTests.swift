import Foundation
import GitSource
import KubeModel
import Rendering
import Testing

@Suite(.enabled(if: AppsRepository.hasKustomize, "neither kustomize nor kubectl was found"))
struct KustomizeTests {
    private static let files: [String: String?] = [
        "base/web/kustomization.yaml": """
        resources: [deployment.yaml]
        configMapGenerator:
          - name: web
            files: [settings.ini, renamed=other.ini]
            envs: [web.env]
        """,
        "base/web/settings.ini": "a=1\n", "base/web/other.ini": "b=1\n", "base/web/web.env": "LEVEL=info\n",
        "base/web/deployment.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: web, image: "web:1"}]
              volumes: [{name: c, configMap: {name: web}}]
        """,
        "components/tls/kustomization.yaml": """
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        resources: [secret.yaml]
        """,
        "components/tls/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tls\n",
        "env/dev/shop/kustomization.yaml": """
        resources: [../../../base/web, extra.yaml]
        components: [../../../components/tls]
        namePrefix: dev-
        images: [{name: web, newTag: "2"}]
        patches:
          - path: replicas.yaml
          - target: {kind: Deployment}
            patch: |-
              - op: add
                path: /metadata/annotations
                value: {https://example.com/x: "https://example.com"}
        """,
        "env/dev/shop/extra.yaml": configMap("extra"),
        "env/dev/shop/replicas.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {replicas: 3}
        """,
        "unrelated/file.yaml": "x: 1\n",
    ]

    @Test("Bases, components, generators and patches make manifests; unrelated changes do not render again")
    func overlay() async throws {
        let apps = try await AppsRepository(Self.files)
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.tool == .kustomize)
        #expect(rendering.messages == [])
        let deployment = try #require(rendering.manifests.first { $0.object.kind == "Deployment" })
        #expect(deployment.object.name == "dev-web")
        #expect(deployment.object.at("spec", "replicas") == 3)
        #expect(deployment.object.json.at("spec", "template", "spec", "containers")?[0]?["image"] == "web:2")
        #expect(deployment.origin == ManifestOrigin(file: "env/dev/shop/kustomization.yaml"))
        #expect(Set(rendering.manifests.map(\.object.kind)) == ["Deployment", "ConfigMap", "Secret"])
        #expect(rendering.inputs.keys.sorted() == ["base/web", "components/tls", "env/dev/shop"])

        let unrelated = try await apps.commit(["unrelated/file.yaml": "x: 2\n"])
        #expect(try await apps.renderer.isCurrent(rendering, at: unrelated, in: apps.repository))
        let changed = try await apps.commit(["base/web/settings.ini": "a=2\n"])
        #expect(try await !apps.renderer.isCurrent(rendering, at: changed, in: apps.repository))
        let next = try await apps.render("env/dev/shop")
        #expect(next.names != rendering.names, "the generated name has the hash of the content")
    }

    @Test("The scratch directory is empty afterwards, and what a killed process left is removed")
    func scratch() async throws {
        let apps = try await AppsRepository(Self.files)
        let left = apps.scratch + "/render-old/tree"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        let renderer = Renderer(scratch: apps.scratch, tools: AppsRepository.tools)
        _ = try await renderer.render(try await apps.request("env/dev/shop"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: apps.scratch) == [])
    }

    @Test(
        "Mistakes are told in one sentence, with the paths of the repository",
        arguments: [
            ("resources: [nowhere.yaml]", "'nowhere.yaml' under resources does not exist"),
            ("resources: [../../../../x]", "leads out of the repository"),
            ("resources: [https://github.com/a/b?ref=v1]", "nothing is fetched"),
            ("resources: [github.com/a/b//c]", "nothing is fetched"),
            ("patches: [{path: http://example.com/p.yaml}]", "nothing is fetched"),
            ("patches: [{path: nope.yaml}]", "o/nope.yaml: no such file"),
            ("resources: [../base/cm.yaml]", "file 'base/cm.yaml' is not in or below 'o'"),
            ("resources: [../o]", "cycle"),
            (
                "secretGenerator: [{name: s, literals: [hunter2]}]",
                "invalid literal source (not shown here), expected key=value"
            ),
            ("colour: red", "unknown field \"colour\""),
            ("resources: [bad.yaml]", "bad.yaml"),
            ("resources: [", "line"),
            ("resources: [../nested]", "o/kustomization.yaml: couldn't make target for path 'broken'"),
            ("resources: [../base]\nhelmCharts: [{name: x}]", "'helmCharts' (x) is not supported"),
            ("patchesStrategicMerge: [gone.yaml]", "gone.yaml"),
        ]
    )
    func mistakes(kustomization: String, words: String) async throws {
        let apps = try await AppsRepository([
            "base/kustomization.yaml": "resources: [cm.yaml]", "base/cm.yaml": configMap("x"),
            "o/bad.yaml": "a: b: c\n",
            "nested/kustomization.yaml": "resources: [../broken]", "broken/kustomization.yaml": "colour: red",
            "o/kustomization.yaml": kustomization,
        ])
        let rendering = try await apps.render("o")
        #expect(rendering.manifests.isEmpty)
        let message = try #require(rendering.messages.first)
        #expect(message.contains(words), "\(message)")
        #expect(message.hasPrefix("o/kustomization.yaml"), "\(message)")
        #expect(!message.contains(apps.root) && !message.contains("\n"), "\(message)")
        #expect(!message.contains("command failed") && !message.contains("Warning"), "\(message)")
    }

    @Test("A base that is missing is looked for again when it appears")
    func absence() async throws {
        let apps = try await AppsRepository(["o/kustomization.yaml": "resources: [../base]"])
        let broken = try await apps.render("o")
        #expect(broken.problems.count == 1)
        try await apps.commit([
            "base/kustomization.yaml": "resources: [cm.yaml]", "base/cm.yaml": configMap("x"),
        ])
        let rendering = try await apps.render("o")
        #expect(rendering.messages == [] && rendering.names == ["ConfigMap/x"])
    }

    @Test("A link out of the repository is not laid out for the tool")
    func links() async throws {
        let apps = try await AppsRepository([
            "o/kustomization.yaml": "configMapGenerator: [{name: x, files: [f]}]"
        ])
        try await apps.commit(links: ["o/f": "/etc/hostname"])
        let rendering = try await apps.render("o")
        #expect(rendering.manifests.isEmpty)
        #expect(rendering.problems.map(\.origin?.file) == ["o/f"])
    }

    @Test("Odd directory names, the repository's root, and inputs of many renderings at once")
    func odd() async throws {
        let apps = try await AppsRepository([
            "kustomization.yaml": "resources: [cm.yaml]", "cm.yaml": configMap("root"),
            "-x y/æ/kustomization.yaml": "resources: [../b]",
            "-x y/b/kustomization.yaml": "resources: [cm.yaml]",
            "-x y/b/cm.yaml": configMap("odd"),
        ])
        let root = try await apps.render("")
        #expect(root.messages == [] && root.names == ["ConfigMap/root"])
        let names = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { try await apps.render("-x y/æ").names } }
            return try await group.reduce(into: Set<[String]>()) { $0.insert($1) }
        }
        #expect(names == [["ConfigMap/odd"]])
    }
}
