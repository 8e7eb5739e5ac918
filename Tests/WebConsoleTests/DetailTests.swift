import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubeModel
import Testing

@testable import WebConsole

@Suite("Looking closer")
struct DetailTests {
    let console = TestConsole()

    @Test("The brief list has every application, in a fraction of the bytes, and says what each runs")
    func listsBriefly() async throws {
        let whole = try await console.ask("/api/v1/applications")
        let answer = try await console.ask("/api/v1/applications?form=brief")
        #expect(answer.body.readableBytes * 2 < whole.body.readableBytes)
        let brief = try JSON.parse(answer.body.readableBytesView)
        let rows = try #require(brief["rows"]?.array)
        #expect(rows.count == 40)
        let row = try #require(rows.first { $0[0] == "kart" && $0[1] == "dev" && $0[2] == "kart-web" })
        #expect(row[4] == "Degraded")
        let revision = brief["revisions"]?[row[7]?.int ?? 0]
        let one = try await console.json("/api/v1/applications/kart/dev.kart-web")
        #expect(revision?[0] == one.at("application", "desired", "commit"))
        #expect(
            row[15]?.array?.map { brief["images"]?[$0.int ?? 0] } == one.at("application", "images")?.array
        )
        #expect(row[15]?.array?.isEmpty == false)
    }

    @Test("Large answers are compressed for those who take it")
    func compresses() async throws {
        var headers = TestConsole.bearer
        let plain = try await console.ask("/api/v1/applications", headers: headers)
        #expect(plain.headers[.contentEncoding] == nil)
        headers[.acceptEncoding] = "br, gzip"
        let small = try await console.ask("/api/v1/applications", headers: headers)
        #expect(small.headers[.contentEncoding] == "gzip")
        #expect(small.headers[.vary] == "Accept-Encoding")
        #expect(small.body.readableBytes * 4 < plain.body.readableBytes)
        #expect(Array(small.body.readableBytesView.prefix(2)) == [0x1F, 0x8B])
        headers[.acceptEncoding] = "gzip;q=0"
        #expect(
            try await console.ask("/api/v1/applications", headers: headers).headers[.contentEncoding] == nil
        )
    }

    @Test(
        "The page is in the language that was chosen, else the one the browser asks for",
        arguments: [
            ("nb-NO,nb;q=0.9,en;q=0.8", nil, "nb"), ("en-GB,nb;q=0.5", nil, "en"), ("nn", nil, "nb"),
            ("de,fr", nil, "en"), ("", nil, "en"), ("nb;q=0, en;q=0.1", nil, "en"), ("en", "nb", "nb"),
            ("nb", "en", "en"), ("nb", "xx", "nb"),
        ] as [(String, String?, String)]
    )
    func choosesLanguage(accepted: String, chosen: String?, expected: String) async throws {
        var headers = TestConsole.bearer
        headers[.acceptLanguage] = accepted
        headers[.cookie] = chosen.map { "varde-language=\($0)" }
        let page = try await console.ask("/", headers: headers)
        #expect(String(buffer: page.body).contains("<html lang=\"\(expected)\">"))
        #expect(page.headers[.vary]?.contains("Accept-Language") == true)
    }

    @Test("A workload's log is that of all its pods, each line with its pod")
    func readsManyLogs() async throws {
        let answer = try await console.ask(
            "/api/v1/applications/kart/prod.kart-web/logs?object=apps/Deployment:kart-web/web&tail=3"
        )
        let lines = String(buffer: answer.body).split(separator: "\n")
        let pods = Set(lines.map { $0.split(separator: "\u{1F}")[0] })
        #expect(pods.count > 1)
        #expect(lines.count == pods.count * 3)
        #expect(pods.allSatisfy { $0.hasPrefix("web-") })
        let none = try await console.ask("/api/v1/applications/kart/prod.kart-web/logs?object=ConfigMap:a/b")
        #expect(none.status == .notFound)
    }

    @Test("Nodes, quotas and commits are told; a commit that nothing ran is not there")
    func tellsDetails() async throws {
        #expect(try await console.json("/api/v1/clusters/prod/nodes")["items"]?.array?.count == 3)
        #expect(
            try await console.json("/api/v1/tenants/kart/quotas")["items"]?[1]?["resource"] == "requests.cpu"
        )
        let one = try await console.json("/api/v1/applications/kart/prod.kart-web")
        let commit = try #require(one.at("application", "applied", "commit")?.string)
        let answer = try await console.json("/api/v1/commits/\(commit.prefix(8))")
        #expect(answer["commit"] == .string(commit))
        #expect(answer.at("details", "files")?.array?.isEmpty == false)
        #expect(try await console.ask("/api/v1/commits/0000000").status == .notFound)
        #expect(try await console.ask("/api/v1/commits/main").status == .badRequest)
    }
}
