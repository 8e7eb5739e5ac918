import KubeModel
import Tenancy
import Testing

@Suite("Claims on namespaces")
struct ClaimTests {
    private let claim = NamespaceClaim(
        tenant: Tenant(name: "maps", prefixes: ["kart"]),
        cluster: "dev",
        namespace: "kart-web"
    )

    @Test("A namespace as the claim writes it is claimed")
    func claimed() {
        #expect(claim.standing(of: claim.namespaceObject(uid: "u")) == .claimed)
        #expect(claim.standing(of: nil) == .toWrite(uid: nil))
    }

    @Test("A changed label is written again, with the claim's own uid")
    func drift() {
        var live = claim.namespaceObject(uid: "u")
        live.labels["pod-security.kubernetes.io/enforce"] = "privileged"
        #expect(claim.standing(of: live) == .toWrite(uid: "u"))
    }

    @Test("A namespace without a claim is never taken over unless the platform hands it over")
    func foreign() {
        var live = KubeObject(apiVersion: "v1", kind: "Namespace", name: "kart-web")
        #expect(claim.standing(of: live) == .foreign(owner: nil))
        live.annotations = [NamespaceClaim.tenantLabel: "land"]
        #expect(claim.standing(of: live) == .foreign(owner: "land"))
        live.annotations = [NamespaceClaim.adoptAnnotation: "maps"]
        #expect(claim.standing(of: live) == .toWrite(uid: nil))
    }

    @Test("A tenant's own labels cannot replace the platform's")
    func labels() {
        var tenant = Tenant(name: "maps", prefixes: ["kart"])
        tenant.namespaceLabels = [NamespaceClaim.tenantLabel: "land", "team": "a"]
        let object = NamespaceClaim(tenant: tenant, cluster: "dev", namespace: "kart").namespaceObject(
            uid: "u"
        )
        #expect(object.label(NamespaceClaim.tenantLabel) == "maps")
        #expect(object.label("team") == "a")
    }

    @Test("A binding for another tenant, or being deleted, does not count")
    func binding() {
        #expect(claim.isBound(claim.roleBinding))
        var other = claim.roleBinding
        other["subjects"] = [["kind": "User", "name": "varde:tenant:land"]]
        #expect(!claim.isBound(other))
        #expect(!claim.isBound(nil))
    }
}
