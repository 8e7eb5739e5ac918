import GitSource
import KubeModel
import Rendering
import Testing

@Suite(.enabled(if: AppsRepository.hasHelm, "helm was not found"))
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

    @Test("A mistake in a template is told in a sentence")
    func mistake() async throws {
        let apps = try await AppsRepository(Self.chart)
        try await apps.commit(["env/dev/shop/templates/app.yaml": "a: {{ .Values.x | nofunction }}"])
        let rendering = try await apps.render("env/dev/shop")
        #expect(rendering.manifests.isEmpty)
        let message = try #require(rendering.messages.first)
        #expect(message.contains("nofunction") && !message.contains(apps.root), "\(message)")
    }
}
