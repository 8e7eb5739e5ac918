import KubeModel
import Testing

@testable import varde

@Suite("The pieces of the command line")
struct PieceTests {
    @Test("Server-sent events are cut from the stream wherever the bytes are split")
    func events() {
        let stream =
            "id: p-1\nevent: hello\ndata: {\"a\": 1}\n\n: comment\n\nid: p-2\r\nevent: sync\r\ndata: {\"b\":\r\ndata: 2}\r\n\r\ndata: no json\n\n"
        for size in [1, 2, 7, 1_000] {
            var parser = ServerEventParser()
            var events: [ServerEvent] = []
            var rest = [UInt8](stream.utf8)[...]
            while !rest.isEmpty {
                events += parser.append(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(events.map(\.name) == ["hello", "sync"])
            #expect(events.map(\.sequence) == [1, 2])
            #expect(events.last?.data["b"]?.int == 2)
        }
    }

    @Test(
        "A better match hides worse ones",
        arguments: [
            ("kart/dev.kart-web", ApplicationReference.Match.one("kart/dev.kart-web")),
            ("dev.kart-web", .one("kart/dev.kart-web")),
            ("kart-web", .ambiguous(["kart/dev.kart-web", "kart/prod.kart-web"])),
            ("kart-hello", .one("kart/dev.kart-hello")),
            ("kart-hel", .ambiguous(["kart/dev.kart-hello", "kart/dev.kart-hello-world"])),
            ("prod", .one("kart/prod.kart-web")),
            ("kart-wbe", .none(suggestions: ["kart/dev.kart-web", "kart/prod.kart-web"])),
            ("something-else", .none(suggestions: [])),
        ]
    )
    func references(text: String, match: ApplicationReference.Match) {
        let ids = [
            "kart/dev.kart-web", "kart/prod.kart-web", "kart/dev.kart-hello", "kart/dev.kart-hello-world",
        ]
        #expect(ApplicationReference(text).match(among: ids) == match)
    }

    @Test("Durations are read as people write them")
    func durations() {
        #expect(DurationArgument.parse("60s") == .seconds(60))
        #expect(DurationArgument.parse("90") == .seconds(90))
        #expect(DurationArgument.parse("1m30s") == .seconds(90))
        #expect(DurationArgument.parse("500ms") == .milliseconds(500))
        for text in ["", "s", "5x", "m5", "-1", "1.5s"] {
            #expect(DurationArgument.parse(text) == nil, "\(text)")
        }
    }

    @Test("Ages have one unit")
    func ages() {
        #expect(
            [0, 119, 120, 7_199, 7_200, 172_799, 172_800].map { Timestamp.words($0) } == [
                "0s", "119s", "2m", "119m", "2h", "47h", "2d",
            ]
        )
        #expect(Timestamp("2026-11-22T10:00:00.125Z")?.clock == "10:00:00")
        #expect(Timestamp("2026-11-22T10:00:00Z") != nil)
        #expect(Timestamp("yesterday") == nil)
    }

    @Test("Addresses may leave out the host")
    func addresses() {
        #expect(HostAndPort(argument: "0.0.0.0:80") == HostAndPort(host: "0.0.0.0", port: 80))
        #expect(HostAndPort(argument: ":0") == HostAndPort(host: "127.0.0.1", port: 0))
        #expect(HostAndPort(argument: "8090") == HostAndPort(host: "127.0.0.1", port: 8_090))
        #expect(HostAndPort(argument: "[::1]:8080") == HostAndPort(host: "::1", port: 8_080))
        for text in ["host", "host:", "host:70000", "::1", ""] {
            #expect(HostAndPort(argument: text) == nil, "\(text)")
        }
    }

    @Test("Tables are aligned, cut at the width, and have symbols on a terminal only")
    func tables() {
        var table = TextTable("NAME", "STATE", "MESSAGE")
        table.add("a", StateWord("Healthy").cell, "")
        table.add("longer", StateWord("Degraded").cell, "cannot pull the image")
        #expect(
            table.lines(style: Style(isLively: false)) == [
                "NAME    STATE     MESSAGE", "a       Healthy", "longer  Degraded  cannot pull the image",
            ]
        )
        #expect(table.lines(style: Style(isLively: false), width: 24)[2] == "longer  Degraded  canno…")
        #expect(table.lines(style: Style(isLively: true))[2].contains("✗ Degraded"))
    }

    @Test(
        "What would move the cursor or turn the text is spelt, on a terminal and in plans; our colours work"
    )
    func controls() {
        let style = Style(isLively: true)
        let hostile = "a\u{1B}[2Jb\u{9B}c\u{7F}\u{202E}d\r\n\u{E000}e"
        let spelt = "a\\u{1b}[2Jb\\u{9b}c\\u{7f}\\u{202e}d\\u{d}⏎\u{E000}e"
        #expect(Shown.line(hostile) == spelt)
        #expect(Shown.line(style.paint(hostile, .bad) + "\t\n") == "\u{1B}[31m\(spelt)\u{1B}[0m\t⏎")
        #expect(Shown.text("a\nb\u{1B}") == "a\nb\\u{1b}")
        #expect(Shown.json("[\n\"\u{9B}\u{202E}\"]") == "[\n\"\\u009b\\u202e\"]")
        let plan: JSON = [
            "outcome": "changes",
            "applications": [
                [
                    "id": "t/dev.t", "notes": [.string(hostile)],
                    "objects": [
                        [
                            "action": "update", "object": "v1/ConfigMap:t/a",
                            "reason": .string("x\n" + hostile),
                            "fields": [["path": "data.a", "desired": .string(hostile)]],
                        ]
                    ],
                ]
            ],
        ]
        let markdown = PlanMarkdown(plan, link: "").text
        #expect(
            !markdown.contains("\u{1B}") && !markdown.contains("\u{202E}") && !markdown.contains("\u{9B}")
        )
        #expect(markdown.contains("`\(spelt)`"), "\(markdown)")
        let lines = PlanText(plan, link: "").lines.map(Shown.line)
        #expect(lines.contains { $0.hasSuffix("+ \(spelt)") } && lines.allSatisfy { !$0.contains("\n") })
    }

    @Test("Owners come before what they own; circles and orphans are shown all the same")
    func tree() {
        func object(_ id: String, _ parent: String?) -> ObjectView {
            ObjectView(["id": .string(id), "parent": parent.map { .string($0) } ?? .null])
        }
        let objects = [
            object("pod-b", "set"), object("set", "deploy"), object("pod-a", "set"), object("deploy", nil),
            object("lost", "gone"),
            object("x", "y"), object("y", "x"),
        ]
        let lines = ObjectTree.lines(objects).map { $0.branch + $0.object.id }
        #expect(lines == ["deploy", "└─ set", "   ├─ pod-a", "   └─ pod-b", "lost", "x", "└─ y"])
    }

    @Test("Waiting is over only when every named application is as wanted, at the commit that was named")
    func waiting() throws {
        let list = ApplicationList([
            "sequence": 5,
            "items": [
                [
                    "id": "t/dev.t-web", "sync": "Synced", "health": "Healthy",
                    "applied": ["commit": "aaaaaaaaaa"],
                ],
                ["id": "t/dev.t-api", "sync": "Synced", "health": "Degraded", "message": "cannot pull"],
            ],
        ])
        func reached(_ goal: WaitGoal, _ names: String...) throws -> [Bool] {
            try goal.check(names.map { ApplicationReference($0) }, in: list).map(\.isReached)
        }
        #expect(
            try reached(WaitGoal(isSynced: true, isHealthy: true), "t-web", "t-api", "t-none") == [
                true, false, false,
            ]
        )
        #expect(try reached(WaitGoal(isSynced: true, isHealthy: false), "t-api") == [true])
        #expect(
            try reached(WaitGoal(isSynced: true, isHealthy: true, revision: "aaaaaaa"), "t-web") == [true]
        )
        #expect(
            try reached(WaitGoal(isSynced: true, isHealthy: true, revision: "bbbbbbb"), "t-web") == [false]
        )
        #expect(throws: CommandFailure.self) { try reached(WaitGoal(isSynced: true, isHealthy: true), "t-") }
    }

    @Test("A sync that went well but for what was refused is no success, and what is held is told")
    func partly() {
        func outcome(_ action: JSON) -> WatchedSync.Outcome? {
            var watched = WatchedSync(id: "t/dev.t-web")
            watched.startAfterNewest()
            watched.take([
                "application": ["id": "t/dev.t-web", "sync": "Synced"],
                "history": [
                    [
                        "number": 1, "cause": "manual", "result": "succeeded", "created": 1,
                        "steps": [
                            ["object": "v1/ConfigMap:t-web/a", "action": "create", "state": "healthy"],
                            [
                                "object": "v1/ConfigMap:t-web/b", "action": action, "state": "skipped",
                                "message": "belongs to other",
                            ],
                        ],
                    ]
                ],
            ])
            return watched.outcome
        }
        #expect(outcome("update") == .done("synced: 1 created."))
        #expect(outcome("hold") == .done("synced: 1 created; 1 held for approval."))
        #expect(
            outcome("refuse")
                == .failed(
                    "synced: 1 created; but an object is not applied: v1/ConfigMap:t-web/b: refuse: belongs to other"
                )
        )
    }

    @Test("How often a sync was tried again stands beside its cause")
    func retries() {
        #expect(SyncView(["cause": "commit"]).causeWords == "commit")
        #expect(SyncView(["cause": "commit", "retries": 1]).causeWords == "commit, 1 retry")
        #expect(SyncView(["cause": "drift", "retries": 3]).causeWords == "drift, 3 retries")
    }

    @Test("Events that the list already has change nothing")
    func list() {
        var list = ApplicationList(["sequence": 5, "items": [["id": "a", "sync": "Synced"]]])
        #expect(
            list.apply(ServerEvent(id: "p-4", name: "application", data: ["id": "a", "sync": "Failed"]))
                == nil
        )
        #expect(list["a"]?.sync == "Synced")
        #expect(
            list.apply(ServerEvent(id: "p-6", name: "application", data: ["id": "a", "sync": "Failed"]))
                == "a"
        )
        #expect(list["a"]?.sync == "Failed")
        #expect(list.apply(ServerEvent(id: "p-7", name: "application-removed", data: ["id": "a"])) == "a")
        #expect(list.all.isEmpty)
    }
}
