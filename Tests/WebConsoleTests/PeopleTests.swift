import Crypto
import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubeModel
import Tenancy
import Testing

@testable import WebConsole

@Suite("People with tokens of their own")
struct PeopleTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

    private static func entry(_ name: String, _ groups: [String]) -> JSON {
        let digest = SHA256.hash(data: Array("token of \(name)".utf8))
        let text = digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        return ["name": .string(name), "groups": .strings(groups), "tokenSHA256": .string(text)]
    }

    private func write(_ people: [JSON]) throws {
        let file: JSON = ["people": .array(people)]
        try Data(file.encoded()).write(to: URL(filePath: path))
    }

    private static func bearer(_ name: String) -> HTTPFields { [.authorization: "Bearer token of \(name)"] }

    /// Groups of the fake fleet's first tenant, by role.
    private static func group(_ role: String) throws -> String {
        let tenant = try #require(FakeStory.tenants.first { $0.name == "kart" })
        return try #require(tenant.groups[role]?.first)
    }

    @Test("Each sees the tenants of their groups, and nothing of others")
    func seesOwnTenants() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write([Self.entry("kari", [try Self.group("deploy")]), Self.entry("odd", ["nobody"])])
        let console = TestConsole(people: PeopleFile(path: path))
        func json(_ uri: String, _ name: String) async throws -> JSON {
            try JSON.parse(try await console.ask(uri, headers: Self.bearer(name)).body.readableBytesView)
        }
        let mine = try await json("/api/v1/applications", "kari")["items"]?.array ?? []
        #expect(mine.count > 2 && mine.allSatisfy { $0["tenant"] == "kart" })
        let rows = try await json("/api/v1/applications?form=brief", "kari")["rows"]?.array ?? []
        #expect(rows.count == mine.count && rows.allSatisfy { $0[0] == "kart" })
        #expect(try await json("/api/v1/tenants", "kari")["items"]?.array?.map { $0["name"] } == ["kart"])
        #expect(try await json("/api/v1/me", "kari")["tenants"] == ["kart": "deploy"])
        #expect(try await json("/api/v1/applications", "odd")["items"] == [])
        let other = try #require(console.fleet.board.applications().first { $0.id.tenant != "kart" })
        for path in ["", "/diff", "/history", "/logs?pod=a", "/audit"] {
            let answer = try await console.ask(
                "/api/v1/applications/\(other.id)\(path)",
                headers: Self.bearer("kari")
            )
            #expect(answer.status == .notFound, "\(path)")
        }
        #expect(
            try await console.ask("/api/v1/tenants/\(other.id.tenant)/quotas", headers: Self.bearer("kari"))
                .status == .notFound
        )
    }

    @Test(
        "What a role may not do is neither offered nor done, and the attempt is recorded",
        arguments: [
            ("view", [] as [JSON], 403, 403), ("deploy", ["pause", "pin", "refuse", "sync"], 202, 403),
        ]
    )
    func limitsActions(role: String, abilities: [JSON], sync: Int, approve: Int) async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write([Self.entry("kari", [try Self.group(role)])])
        let console = TestConsole(people: PeopleFile(path: path))
        let application = "/api/v1/applications/kart/dev.kart-web"
        let answer = try await console.ask(application, headers: Self.bearer("kari"))
        #expect(try JSON.parse(answer.body.readableBytesView)["abilities"] == .array(abilities))
        var headers = Self.bearer("kari")
        headers[.vardePerson] = "somebody-else"
        for (what, status) in [("sync", sync), ("approve", approve)] {
            let answer = try await console.ask("\(application)/\(what)", method: .post, headers: headers)
            #expect(answer.status.code == status, "\(what)")
        }
        let offers = try await console.ask(
            "\(application)/actions?id=apps/Deployment:kart-web/web",
            headers: Self.bearer("kari")
        )
        let offered = try JSON.parse(offers.body.readableBytesView)["items"]?.array ?? []
        #expect(offered.isEmpty == (role == "view"))
        let entries = try await console.json("\(application)/audit")["items"]?.array ?? []
        #expect(entries.allSatisfy { $0["person"] == "kari" })
        #expect(entries.first?["failure"]?.string?.contains("groups.admin") == true)
        #expect(await console.fleet.requests == (sync == 202 ? ["sync kart/dev.kart-web by kari"] : []))
    }

    @Test("A session ends when its person is taken off the list, and a broken file changes nothing")
    func endsSessions() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write([Self.entry("kari", []), Self.entry("per", [])])
        let console = TestConsole(people: PeopleFile(path: path))
        let link = try await console.ask("/?token=token%20of%20kari", headers: [:])
        let session = String(try #require(link.headers[.setCookie]).prefix { $0 != ";" })
        func status() async throws -> Int {
            try await console.ask("/api/v1/me", headers: [.cookie: session]).status.code
        }
        #expect(try await status() == 200)
        try Data("{people: [".utf8).write(to: URL(filePath: path))
        #expect(try await status() == 200)
        try write([Self.entry("per", [])])
        #expect(try await status() == 401)
        #expect(try await console.ask("/api/v1/me", headers: Self.bearer("per")).status == .ok)
        try FileManager.default.removeItem(atPath: path)
        #expect(try await console.ask("/api/v1/me", headers: Self.bearer("per")).status == .unauthorized)
        #expect(try await console.ask("/api/v1/me").status == .ok)
    }
}
