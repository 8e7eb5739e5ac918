import GitSource
import KubeModel
@testable import Rendering
import Testing

@Suite
struct HelmTests {
    private static let chart: [String: String?] = [
        "env/dev/shop/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
        "env/dev/shop/values.yaml": "replicas: 2\nenabled: true\n",
        "env/dev/shop/crds/crd.yaml": """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: xs.example.com}
        """,
        "env/dev/shop/templates/app.yaml": """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {{ .Release.Name }}-app
          namespace: {{ .Release.Namespace }}
        data: {replicas: "{{ .Values.replicas }}"}
        {{- if .Values.enabled }}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: migrate
          annotations: {helm.sh/hook: pre-upgrade}
        {{- end }}
        """,
    ]

    @Test(
        "A chart is rendered with its values, hooks and custom resource definitions, each with its template's name"
    )
    func chart() async throws {
        let apps = try await AppsRepository(Self.chart)
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.tool == .helm)
        #expect(rendering.messages == [])
        #expect(
            Set(rendering.names) == [
                "ConfigMap/shop-app", "Job/migrate", "CustomResourceDefinition/xs.example.com",
            ]
        )
        let map = try #require(rendering.manifests.first { $0.object.kind == "ConfigMap" })
        #expect(map.object.namespace == "shop" && map.object.at("data", "replicas") == "2")
        #expect(map.origin.file == "env/dev/shop/templates/app.yaml")
    }

    @Test("An archive is of a chart whose whole name it has")
    func archives() {
        #expect(ChartClosure.isArchive("web-0.1.0.tgz", of: "web"))
        #expect(
            ChartClosure.isArchive("web-2.tgz", of: "web") && ChartClosure.isArchive("web.tgz", of: "web")
        )
        #expect(ChartClosure.isArchive("web-v1.2.3-rc.1+b5.tgz", of: "web"))
        for other in ["web-admin-0.1.0.tgz", "web-0.1.0.zip", "webs-0.1.0.tgz"] {
            #expect(!ChartClosure.isArchive(other, of: "web"))
        }
    }

    @Test("A mistake in a template is told in a sentence")
    func mistake() async throws {
        let apps = try await AppsRepository(Self.chart)
        try await apps.commit(["env/dev/shop/templates/app.yaml": "a: {{ .Values.x | nofunction }}"])
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.manifests.isEmpty)
        let message = try #require(rendering.messages.first)
        #expect(message.contains("nofunction") && !message.contains(apps.root), "\(message)")
    }

    @Test(
        "Value files, values of the settings and a release's name are given to the chart, the last one winning"
    )
    func options() async throws {
        let apps = try await AppsRepository(Self.chart)
        try await apps.commit([
            "env/dev/shop/varde.yaml": """
            helm:
              releaseName: web
              valueFiles: [values-dev.yaml, ../../../common/values.yaml]
              values: {enabled: false}
            """,
            "env/dev/shop/values-dev.yaml": "replicas: 3\n",
            "common/values.yaml": "replicas: 4\n",
        ])
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.messages == [])
        #expect(Set(rendering.names) == ["ConfigMap/web-app", "CustomResourceDefinition/xs.example.com"])
        let map = rendering.manifests.first { $0.object.kind == "ConfigMap" }?.object
        #expect(map?.at("data", "replicas") == "4")
        let commit = try await apps.commit(["common/values.yaml": "replicas: 5\n"])
        #expect(try await !apps.renderer.isCurrent(rendering, at: commit, in: apps.repository))
    }

    @Test(
        "A chart that depends on another of the repository by file:// is rendered with it; one from elsewhere is refused"
    )
    func dependencies() async throws {
        let apps = try await AppsRepository([
            "charts/common/Chart.yaml": """
            apiVersion: v2
            name: common
            version: 1.0.0
            dependencies: [{name: deep, version: 1.0.0, repository: "file://../deep"}]
            """,
            "charts/common/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common}\n",
            "charts/deep/Chart.yaml": "apiVersion: v2\nname: deep\nversion: 1.0.0\n",
            "charts/deep/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: deep}\n",
            "a/Chart.yaml": """
            apiVersion: v2
            name: a
            version: 1.0.0
            dependencies: [{name: common, version: 1.x.x, repository: "file://../charts/common"}]
            """,
            "b/Chart.yaml": """
            apiVersion: v2
            name: b
            version: 1.0.0
            dependencies: [{name: redis, version: 1.x.x, repository: "https://charts.example.com"}]
            """,
        ])
        let rendering = try await apps.render("a")
        #expect(rendering.messages == [])
        #expect(Set(rendering.names) == ["ConfigMap/common", "ConfigMap/deep"])
        let commit = try await apps.commit(["charts/deep/values.yaml": "x: 1\n"])
        #expect(try await !apps.renderer.isCurrent(rendering, at: commit, in: apps.repository))
        let remote = try await apps.render("b")
        #expect(remote.manifests.isEmpty)
        #expect(
            remote.messages.first?.contains("https://charts.example.com, and nothing is fetched") ?? false
        )
    }

    @Test("A chart whose templates make values by chance or by the clock has a note that says so")
    func chance() async throws {
        let apps = try await AppsRepository([
            "a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
            "a/templates/plain.yaml": """
            {{/* randAlphaNum 8 */}}{{- /* now */ -}}
            # randAlphaNum, now and }} {{ "now" | quote }}
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: x}
            data: {a: "{{ .Values.now }}", b: {{ `uuidv4 "` | quote }}}
            """,
            "a/values.yaml": "now: then\n",
            "b/Chart.yaml": "apiVersion: v2\nname: b\nversion: 1.0.0\n",
            "b/templates/secret.yaml": """
            apiVersion: v1
            kind: Secret
            metadata: {name: x}
            data:
              password: {{- if true }} {{ .Values.password | default (randAlphaNum 8) | b64enc }}{{ end }}
            """,
        ])
        let plain = try await apps.render("a")
        #expect(plain.messages == [] && plain.notes.isEmpty, "\(plain.notes)")
        let random = try await apps.render("b")
        #expect(random.messages == [] && random.notes.map(\.origin?.file) == ["b/templates/secret.yaml"])
        #expect(random.notes.first?.message.contains("`randAlphaNum`") ?? false)
    }

    @Test("A chart knows the target's version and kinds; one that asks the cluster with lookup is noted")
    func cluster() async throws {
        let apps = try await AppsRepository([
            "a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
            "a/templates/cm.yaml": """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: x}
            data:
              version: {{ .Capabilities.KubeVersion.Version }}
              monitors: "{{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}"
              found: "{{ len (lookup "v1" "Secret" "shop" "password") }}"
            """,
        ])
        var request = try await apps.request("a")
        request.capabilities = ClusterCapabilities(
            kubeVersion: "v1.33.2",
            apiVersions: ["apps/v1", "monitoring.coreos.com/v1"]
        )
        let rendering = try await apps.renderer.render(request)
        #expect(rendering.messages == [])
        let data = rendering.manifests.first?.object["data"]
        #expect(
            data?["version"] == "v1.33.2" && data?["monitors"] == "true" && data?["found"] == "0",
            "\(data as Any)"
        )
        #expect(rendering.notes.map(\.origin?.file) == ["a/templates/cm.yaml"])
        #expect(rendering.notes.first?.message.contains("lookup") ?? false)
        request.capabilities?.kubeVersion = "v1.20.0"
        let older = try await apps.renderer.render(request)
        #expect(older.manifests.first?.object.at("data", "version") == "v1.20.0")
    }
}
