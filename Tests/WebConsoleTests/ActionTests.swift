import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubeModel
import Testing

@testable import WebConsole

@Suite("What people do")
struct ActionTests {
    let console = TestConsole()
    private static let application = "/api/v1/applications/kart/dev.kart-web"
    private static let deployment = "apps/Deployment:kart-web/web"

    private func post(_ what: String, _ body: String? = nil) async throws -> (status: Int, json: JSON) {
        var headers = TestConsole.bearer
        headers[.vardePerson] = "eva"
        let answer = try await console.ask(
            "\(Self.application)/\(what)",
            method: .post,
            headers: headers,
            body: body
        )
        return (answer.status.code, (try? JSON.parse(answer.body.readableBytesView)) ?? .null)
    }

    @Test("What may be done to an object is told with what each would do")
    func offers() async throws {
        let answer = try await console.json("\(Self.application)/actions?id=\(Self.deployment)")
        let items = try #require(answer["items"]?.array)
        #expect(items.map { $0["action"]?.string } == ["restart", "scale", "delete"])
        #expect(items[1].at("effects")?[1]?["code"] == "putBack")
        #expect(items[1].at("effects")?[1]?["field"] == "spec.replicas")
    }

    @Test("Each action reaches the fleet with who asked, and is recorded")
    func recordsActions() async throws {
        let body = #"{"object": "\#(Self.deployment)", "action": "scale", "replicas": 5}"#
        #expect(try await post("actions", body).status == 202)
        #expect(
            try await post("pin", #"{"commit": "abc1234", "reason": "broken map", "hours": 4}"#).status == 202
        )
        #expect(try await post("unpin").status == 202)
        #expect(try await post("pause", #"{"reason": "freeze"}"#).status == 202)
        #expect(try await post("resume").status == 202)
        #expect(try await post("refuse").status == 202)
        #expect(
            await console.fleet.requests == [
                "scale \(Self.deployment) of kart/dev.kart-web by eva",
                "pin kart/dev.kart-web abc1234 broken map by eva", "unpin kart/dev.kart-web by eva",
                "pause kart/dev.kart-web freeze by eva", "resume kart/dev.kart-web by eva",
                "refuse kart/dev.kart-web all by eva",
            ]
        )
        let audit = try await console.json("\(Self.application)/audit")
        let entries = try #require(audit["items"]?.array)
        #expect(
            entries.map { $0["action"]?.string } == ["refuse", "resume", "pause", "unpin", "pin", "scale"]
        )
        #expect(entries.allSatisfy { $0["person"] == "eva" && $0["failure"] == "" })
        #expect(entries[5]["object"] == .string(Self.deployment))
        #expect(entries[5]["detail"] == "5")
    }

    @Test("What was refused is recorded with why")
    func recordsFailures() async throws {
        let answer = try await post("actions", #"{"object": "batch/CronJob:a/b", "action": "suspend"}"#)
        #expect(answer.status == 403)
        let entry = try await console.json("\(Self.application)/audit")["items"]?[0]
        #expect(entry?["failure"] == "cronjobs.batch is forbidden")
    }

    @Test(
        "A request that cannot be meant is refused before anything is done",
        arguments: [
            ("actions", #"{"object": "a", "action": "explode"}"#), ("actions", #"{"action": "restart"}"#),
            ("actions", #"{"object": "a", "action": "scale"}"#),
            ("actions", #"{"object": "a", "action": "scale", "replicas": -1}"#), ("actions", "[]"),
            ("pin", #"{"commit": "abc"}"#), ("pin", #"{"commit": "a", "reason": "b", "hours": 100000}"#),
            ("pause", ""), ("refuse", #"{"objects": "all"}"#),
        ]
    )
    func refusesNonsense(what: String, body: String) async throws {
        #expect(try await post(what, body).status == 400)
        #expect(await console.fleet.requests.isEmpty)
    }

    @Test("What is offered for the application is told with it")
    func tellsAbilities() async throws {
        let answer = try await console.json(Self.application)
        #expect(answer["abilities"] == ["approve", "pause", "pin", "refuse", "sync"])
    }

    @Test("The record survives a restart, and a line that was cut")
    func keepsRecord() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let entry = AuditEntry(
            time: TestConsole.now,
            person: "eva",
            application: "kart/dev.kart-web",
            action: "sync",
            object: nil,
            detail: "",
            failure: ""
        )
        AuditLog(path: path).record(entry)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"action": "de"#.utf8))
        try handle.close()
        let again = AuditLog(path: path)
        #expect(again.entries(limit: 10) == [entry])
        #expect(again.entries(limit: 10) { $0.application == "kart/prod.kart-web" }.isEmpty)
    }

    @Test("The record's file is bounded: a full one is put aside, and both are read at the next start")
    func boundsRecord() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { for end in ["", ".1"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let log = AuditLog(path: path, limit: 2_000)
        for number in 0..<40 {
            log.record(
                AuditEntry(
                    time: TestConsole.now,
                    person: "eva",
                    application: "kart/dev.kart-web",
                    action: "sync",
                    object: nil,
                    detail: "\(number)",
                    failure: ""
                )
            )
        }
        for end in ["", ".1"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + end)
            #expect(try #require(attributes[.size] as? NSNumber).intValue < 2_200)
            #expect(try #require(attributes[.posixPermissions] as? NSNumber).intValue == 0o600)
        }
        #expect(log.entries(limit: 100).count == 40)
        let again: [Int] = AuditLog(path: path).entries(limit: 100).compactMap { Int($0.detail) }
        let newest: [Int] = Array(stride(from: 39, to: 39 - again.count, by: -1))
        #expect(again == newest)
        #expect(again.count > 10)
    }
}
