import Delivery
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubeModel
import Testing

@testable import WebConsole

@Suite("The API")
struct APITests {
    let console = TestConsole()
    private static let application = "/api/v1/applications/kart/dev.kart-web"

    @Test("Health needs no token")
    func answersHealth() async throws {
        let answer = try await console.ask("/healthz", headers: [:])
        #expect(answer.status == .ok)
        #expect(String(buffer: answer.body) == "ok\n")
    }

    @Test("The version is what the server was made with")
    func answersVersion() async throws {
        #expect(try await console.json("/api/v1/version")["version"] == "1.2.3")
    }

    @Test("The status counts everything and names what needs a person, errors first")
    func answersStatus() async throws {
        let status = try await console.json("/api/v1/status")
        #expect(status.at("applications", "total") == 40)
        #expect(status.at("applications", "degraded") == 1)
        #expect(status.at("applications", "held") == 1)
        #expect(status.at("clusters", "reachable") == 5)
        #expect(status.at("tenants", "accepted") == 3)
        let attention = try #require(status["attention"]?.array)
        #expect(
            attention.map { $0["application"]?.string } == [
                "kart/dev.kart-web", "skog/dev.natur-species-registry-import", "skog/test.skog-inventory",
                "vei/prod.vei-traffic",
            ]
        )
        #expect(attention.map { $0["severity"]?.string } == ["error", "error", "error", "warning"])
        #expect(attention[0]["message"]?.string?.contains("cannot pull its image") == true)
    }

    @Test("The status names applications that are synced, but have a finding that warns")
    func statusNamesWarnings() {
        func application(_ name: String, _ severity: Finding.Severity) -> ApplicationSnapshot {
            let id = ApplicationID(tenant: "kart", cluster: "dev", namespace: name)
            var snapshot = ApplicationSnapshot(id: id, repository: "r", branch: "main", path: name, now: 0)
            (snapshot.sync, snapshot.health, snapshot.message) = (.synced, .healthy, "words")
            snapshot.findings = [
                Finding(severity: severity, code: .settingsInvalid, message: "words", since: 0)
            ]
            return snapshot
        }
        let fleet = FleetAnswers(tenants: [], clusters: [])
        let status = StatusAnswer(
            applications: [application("kart-a", .warning), application("kart-b", .info)],
            fleet: fleet
        ).answer
        let attention = status["attention"]?.array ?? []
        #expect(attention.map { $0["application"] } == ["kart/dev.kart-a"])
        #expect(attention.first?["severity"] == "warning")
    }

    @Test("The status names tenants whose repository cannot be read, and clusters that do not answer")
    func statusNamesPlaces() {
        let fleet = FleetAnswers(
            tenants: [
                ["name": "kart", "accepted": true, "message": "https://g/a.git refused access"],
                ["name": "vei", "accepted": true, "message": ""],
            ],
            clusters: [["name": "prod", "reachable": false, "message": "no answer", "since": "then"]]
        )
        let attention = StatusAnswer(applications: [], fleet: fleet).answer["attention"]?.array ?? []
        #expect(attention.map { $0["cluster"] ?? $0["tenant"] } == ["prod", "kart"])
        #expect(attention.map { $0["message"] } == ["no answer", "https://g/a.git refused access"])
    }

    @Test("Applications are listed whole, or by tenant and cluster")
    func listsApplications() async throws {
        let all = try await console.json("/api/v1/applications")
        #expect(all["items"]?.array?.count == 40)
        #expect(all["sequence"]?.int ?? 0 > 0)
        let some = try await console.json("/api/v1/applications?tenant=vei&cluster=prod")
        #expect(
            some["items"]?.array?.map { $0["namespace"]?.string } == [
                "vei-traffic", "vei-weather", "vei-web",
            ]
        )
        let one = try #require(all["items"]?.array?.first { $0["id"] == "kart/dev.kart-web" })
        for key in [
            "tenant", "cluster", "namespace", "repository", "branch", "path", "tool", "sync", "health",
            "message", "since", "desired",
            "applied", "appliedAt", "healthyAt", "counts", "findings",
        ] {
            #expect(one[key] != nil, "\(key)")
        }
        #expect(one["healthyAt"] == .null)
        #expect(one["since"] == "2026-11-22T18:36:50.250Z")
        #expect(one.at("findings")?[0]?["code"] == "unhealthy")
        #expect(one.at("desired", "commit")?.string?.utf8.count == 40)
    }

    @Test("One application has its objects as a tree, and its syncs with their steps")
    func answersApplication() async throws {
        let answer = try await console.json(Self.application)
        #expect(answer.at("application", "id") == "kart/dev.kart-web")
        let objects = try #require(answer["objects"]?.array)
        let pod = try #require(objects.first { $0["kind"] == "Pod" && $0["health"] == "Degraded" })
        let set = try #require(objects.first { $0["id"] == pod["parent"] })
        #expect(set["kind"] == "ReplicaSet")
        #expect(set["sync"] == .null)
        #expect(objects.first { $0["id"] == set["parent"] }?["id"] == "apps/Deployment:kart-web/web")
        let sync = try #require(answer["history"]?[0])
        #expect(sync["number"] == 4)
        #expect(sync["steps"]?.array?.contains { $0["state"] == "failed" } == true)
    }

    @Test("Closer looks have the shapes of docs/api.md")
    func answersDetails() async throws {
        let diff = try await console.json("/api/v1/applications/vei/prod.vei-traffic/diff")
        let fields = try #require(diff["items"]?[0]?["fields"]?.array)
        #expect(fields[0]["path"] == "spec.replicas")
        #expect(fields[0]["live"] == 5 && fields[0]["desired"] == 4)
        #expect(fields[2].object?.keys.contains("live") == false)
        let events = try await console.json("\(Self.application)/events")
        #expect(events["items"]?.array?.last?["reason"] == "BackOff")
        #expect(try await console.json("\(Self.application)/history")["items"]?.array?.count == 4)
        let object = try await console.json("\(Self.application)/object?id=apps/Deployment:kart-web/web")
        #expect(object.at("live", "kind") == "Deployment")
        #expect(object.at("desired", "metadata", "uid") == nil)
        #expect(object["origin"]?.string?.hasPrefix("env/dev/kart-web/app.yaml") == true)
    }

    @Test("Logs are plain text")
    func answersLogs() async throws {
        let answer = try await console.ask("\(Self.application)/logs?pod=web-1&tail=3")
        #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(String(buffer: answer.body).split(separator: "\n").count == 3)
    }

    @Test(
        "What cannot be answered says so with a status and a code",
        arguments: [
            ("/api/v1/nothing", 404, "notFound"), ("/api/v1/applications/kart/dev.none", 404, "notFound"),
            ("/api/v1/applications/kart/none", 404, "notFound"), ("\(application)/object", 400, "badRequest"),
            ("\(application)/object?id=Pod:x/y", 404, "notFound"), ("\(application)/logs", 400, "badRequest"),
            ("\(application)/logs?pod=a&tail=-1", 400, "badRequest"),
            ("/api/v1/stream?application=x", 400, "badRequest"),
        ]
    )
    func answersFailures(path: String, status: Int, code: String) async throws {
        let answer = try await console.ask(path)
        #expect(answer.status.code == status)
        #expect(answer.errorCode == code)
    }

    @Test("Deletions are approved all, or by their ids; anything else is refused")
    func approves() async throws {
        let path = "/api/v1/applications/vei/prod.vei-traffic/approve"
        #expect(try await console.ask(path, method: .post).status == .accepted)
        #expect(
            try await console.ask(
                path,
                method: .post,
                body: #"{"objects": ["ConfigMap:vei-traffic/traffic-config"]}"#
            ).status == .accepted
        )
        for body in [
            "[]", "{\"objects\": [1]}", "{\"objects\": \"x\"}", "{", String(repeating: "[", count: 5_000),
        ] {
            #expect(try await console.ask(path, method: .post, body: body).status == .badRequest)
        }
        #expect(
            await console.fleet.requests == [
                "approve vei/prod.vei-traffic all by token",
                "approve vei/prod.vei-traffic ConfigMap:vei-traffic/traffic-config by token",
            ]
        )
    }

    @Test("A body that is too large is refused")
    func limitsBodies() async throws {
        let answer = try await console.ask(
            "/api/v1/applications/vei/prod.vei-traffic/approve",
            method: .post,
            body: String(repeating: " ", count: 2 << 20)
        )
        #expect(answer.status == .contentTooLarge)
        #expect(answer.errorCode == "tooLarge")
    }

    @Test("Tenants and clusters have the shapes of docs/api.md")
    func answersFleet() async throws {
        let tenants = try #require(try await console.json("/api/v1/tenants")["items"]?.array)
        #expect(tenants[1]["prefixes"] == ["skog-", "natur-"])
        #expect(tenants[0].at("applications", "degraded") == 1)
        #expect(tenants[0].at("groups", "deploy") == ["kart-developers"])
        let clusters = try #require(try await console.json("/api/v1/clusters")["items"]?.array)
        #expect(clusters.map { $0["name"]?.string } == ["sandbox", "dev", "test", "prod", "cloud"])
        #expect(
            clusters[4]["location"] == "cloud" && clusters[4]["simulated"] == true
                && clusters[4]["provider"] == "embedded"
        )
    }
}

@Suite("Times of the API")
struct AnswerTimeTests {
    @Test(
        "Times are RFC 3339 in UTC with milliseconds",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (951_782_399.9995, "2000-02-28T23:59:59.999Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800.5, "2024-02-29T00:00:00.500Z"), (1_795_372_800.25, "2026-11-22T18:40:00.250Z"),
            (-5, "1970-01-01T00:00:00.000Z"),
            (.nan, "1970-01-01T00:00:00.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ]
    )
    func writesTimes(seconds: Double, text: String) {
        #expect(AnswerTime.text(seconds) == text)
    }
}
