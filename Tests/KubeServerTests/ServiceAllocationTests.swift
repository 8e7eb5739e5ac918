import KubeModel
import KubeServer
import Testing

@Suite("Addresses and ports of Services")
struct ServiceAllocationTests {
    @Test("Every Service has an address of its own, also when many are made at once")
    func distinctAddresses() async throws {
        let fixture = try await RegistryFixture()
        let addresses = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let made = try await fixture.create("services", Sample.service("s\(number)"))
                    return made.at("spec", "clusterIP")?.string ?? ""
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(addresses.count == 40 && addresses.allSatisfy { $0.hasPrefix("10.0.") })
    }

    @Test("A taken address is refused; it is free again when its Service is gone")
    func release() async throws {
        let fixture = try await RegistryFixture()
        let wish: JSON = ["clusterIP": "10.0.0.9"]
        try await fixture.create("services", Sample.service("a", spec: wish))
        let error = try await refusal {
            try await fixture.create("services", Sample.service("b", spec: wish))
        }
        #expect(error.isInvalid && error.fields == ["spec.clusterIPs"])
        try await fixture.delete("services", "a")
        let again = try await fixture.create("services", Sample.service("b", spec: wish))
        #expect(again.at("spec", "clusterIP") == "10.0.0.9")
    }

    @Test("A dry run takes nothing")
    func dryRun() async throws {
        let fixture = try await RegistryFixture()
        let wish: JSON = ["clusterIP": "10.0.0.9"]
        for isDryRun in [true, true, false] {
            let made = try await fixture.create(
                "services",
                Sample.service(spec: wish),
                RegistryFixture.context(isDryRun: isDryRun)
            )
            #expect(made.at("spec", "clusterIP") == "10.0.0.9")
        }
    }

    @Test("Node ports come with the type and go with it; the address stays")
    func types() async throws {
        let fixture = try await RegistryFixture()
        let first = try await fixture.create("services", Sample.service())
        let open = try await fixture.patch("services", "s", ["spec": ["type": "NodePort"]])
        let port = try #require(open.at("spec", "ports")?[0]?["nodePort"]?.int)
        #expect((30_000...32_767).contains(port))
        #expect(open.at("spec", "clusterIP") == first.at("spec", "clusterIP"))
        let closed = try await fixture.patch("services", "s", ["spec": ["type": "ClusterIP"]])
        #expect(closed.at("spec", "ports")?[0]?["nodePort"] == nil)
        let error = try await refusal {
            try await fixture.patch("services", "s", ["spec": ["clusterIP": "10.0.0.8"]])
        }
        #expect(error.isInvalid && error.fields == ["spec.clusterIPs[0]"])
    }

    @Test("An ExternalName has no address and a headless Service says so")
    func withoutAddress() async throws {
        let fixture = try await RegistryFixture()
        let external = try await fixture.create(
            "services",
            ["metadata": ["name": "e"], "spec": ["type": "ExternalName", "externalName": "example.com"]]
        )
        #expect(external.at("spec", "clusterIP") == nil)
        let headless = try await fixture.create("services", Sample.service("h", spec: ["clusterIP": "None"]))
        #expect(headless.at("spec", "clusterIPs") == ["None"])
    }
}
