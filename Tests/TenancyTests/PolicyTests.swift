import KubeModel
import Tenancy
import Testing

@Suite("What a tenant may deliver")
struct PolicyTests {
    private func directory(_ change: (inout Tenant) -> Void = { _ in }) -> TenantDirectory {
        var tenant = Tenant(name: "maps", prefixes: ["kart"])
        change(&tenant)
        return TenantDirectory(declared: [tenant, Tenant(name: "land", prefixes: ["eiendom"])])
    }

    private func candidate(
        _ apiVersion: String,
        _ kind: String,
        namespace: String = "",
        namespaced: Bool = true,
        spec: JSON = [:]
    ) -> TenantDirectory.Candidate {
        var object = KubeObject(apiVersion: apiVersion, kind: kind, namespace: namespace, name: "x")
        object.spec = spec
        return TenantDirectory.Candidate(
            object: object,
            isNamespaced: namespaced,
            origin: "env/dev/kart/a.yaml, document 1"
        )
    }

    @Test(
        "A directory whose name no namespace can have is refused in a sentence, not by the API server",
        arguments: ["kart-Web", "kart-a b", "kart-", "kart-æ", "kart-" + String(repeating: "x", count: 59)]
    )
    func namesOfNamespaces(name: String) {
        let refusal = directory().refusal(tenant: "maps", cluster: "dev", namespace: name, path: "env/dev/x")
        #expect(refusal?.message.contains("cannot be the name of a namespace") == true)
        #expect(refusal?.message.contains("Rename the directory env/dev/x") == true)
    }

    @Test(
        "A namespace inside the prefixes is allowed, one outside names the rule, the owner and the directory"
    )
    func destinations() {
        let directory = directory()
        #expect(directory.refusal(tenant: "maps", cluster: "dev", namespace: "kart-web", path: "p") == nil)
        let refusal = directory.refusal(
            tenant: "maps",
            cluster: "dev",
            namespace: "eiendom-x",
            path: "env/dev/eiendom-x"
        )
        #expect(refusal?.rule == .outsidePrefix)
        #expect(refusal?.message.contains("tenant land") == true)
        #expect(refusal?.origin == "env/dev/eiendom-x")
        #expect(
            directory.refusal(tenant: "maps", cluster: "dev", namespace: "kube-system", path: "p")?.rule
                == .outsidePrefix
        )
        #expect(
            directory.refusal(tenant: "gone", cluster: "dev", namespace: "kart", path: "p")?.rule
                == .unknownTenant
        )
    }

    @Test("Clusters and the number of namespaces can be limited")
    func limits() {
        let directory = directory {
            $0.clusters = ["dev"]
            $0.namespaceQuota = 2
        }
        #expect(
            directory.refusal(tenant: "maps", cluster: "prod", namespace: "kart", path: "p")?.rule
                == .clusterNotAllowed
        )
        #expect(
            directory.refusal(
                tenant: "maps",
                cluster: "dev",
                namespace: "kart",
                path: "p",
                otherNamespaces: 1
            ) == nil
        )
        let over = directory.refusal(
            tenant: "maps",
            cluster: "dev",
            namespace: "kart",
            path: "p",
            otherNamespaces: 2
        )
        #expect(over?.rule == .namespaceQuota)
    }

    @Test("Namespaces, cluster-scoped objects and objects of other namespaces are refused, one refusal each")
    func objects() {
        let refusals = directory().refusals(
            of: [
                candidate("v1", "ConfigMap"),
                candidate("v1", "ConfigMap", namespace: "kart-web"),
                candidate("v1", "ConfigMap", namespace: "kart-other"),
                candidate("v1", "Namespace", namespaced: false),
                candidate("rbac.authorization.k8s.io/v1", "ClusterRole", namespaced: false),
            ],
            tenant: "maps",
            namespace: "kart-web"
        )
        #expect(refusals.map(\.rule) == [.otherNamespace, .namespaceKind, .clusterScoped])
        #expect(refusals.allSatisfy { $0.origin == "env/dev/kart/a.yaml, document 1" && $0.object != nil })
        #expect(refusals.first?.field == "metadata.namespace")
    }

    @Test("A kind that the platform allows passes, one that it denies does not")
    func kinds() {
        let directory = directory {
            $0.allowedKinds = ["ClusterRole.rbac.authorization.k8s.io"]
            $0.deniedKinds = ["Secret", "batch/CronJob", "Job.batch"]
        }
        let refusals = directory.refusals(
            of: [
                candidate("rbac.authorization.k8s.io/v1", "ClusterRole", namespaced: false),
                candidate("v1", "Secret"), candidate("batch/v1", "CronJob"), candidate("batch/v1", "Job"),
                candidate("v1", "ConfigMap"),
            ],
            tenant: "maps",
            namespace: "kart"
        )
        #expect(refusals.map(\.rule) == [.deniedKind, .deniedKind, .deniedKind])
    }

    @Test(
        "Images from other registries are refused with their field, in every kind of workload",
        arguments: ["registry.example", "registry.example/"]
    )
    func registries(registry: String) {
        let directory = directory { $0.registries = [registry] }
        let pod: JSON = [
            "containers": [
                ["name": "a", "image": "registry.example/a:1"], ["name": "b", "image": "docker.io/b:1"],
            ]
        ]
        let refusals = directory.refusals(
            of: [
                candidate("apps/v1", "Deployment", spec: ["template": ["spec": pod]]),
                candidate(
                    "batch/v1",
                    "CronJob",
                    spec: ["jobTemplate": ["spec": ["template": ["spec": pod]]]]
                ),
            ],
            tenant: "maps",
            namespace: "kart"
        )
        #expect(
            refusals.map(\.field) == [
                "spec.template.spec.containers[1].image",
                "spec.jobTemplate.spec.template.spec.containers[1].image",
            ]
        )
    }

    @Test("A tenant object is read with its defaults, and bad durations and prefixes are named")
    func reading() throws {
        var object = KubeObject(apiVersion: "varde.dev/v1alpha1", kind: "Tenant", name: "maps")
        object.spec = [
            "prefixes": ["kart"], "repositories": [["url": "../kart-apps.git"]], "deletionDelay": "1h30m",
        ]
        let tenant = try Tenant(object, platformURL: "/git/platform.git")
        #expect(tenant.repositories == [.init(url: "/git/kart-apps.git", branch: "HEAD", root: "env")])
        #expect(tenant.deletionDelay == .seconds(5_400))
        object.spec["deletionDelay"] = "soon"
        #expect(throws: TenancyError.self) { try Tenant(object, platformURL: nil) }
        object.spec = ["prefixes": ["Kart"]]
        #expect(throws: TenancyError.self) { try Tenant(object, platformURL: nil) }
    }
}
