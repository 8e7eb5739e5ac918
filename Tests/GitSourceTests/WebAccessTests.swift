import Foundation
import GitSource
import Testing

@Suite struct WebAccessTests {
    private func repository(
        _ url: String,
        _ place: Workplace,
        _ change: (inout RepositoryAccess) -> Void = { _ in }
    ) -> GitRepository {
        var access = RepositoryAccess()
        change(&access)
        return GitRepository(url: url, directory: place.mirrors + "/\(UUID().uuidString).git", access: access)
    }

    private func failure(_ body: () async throws -> Void) async -> GitError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? GitError
        }
    }

    @Test(
        "A repository behind a password is read with it, refused without it, and the password is told nowhere"
    )
    func password() async throws {
        let place = try await Workplace()
        let commit = try await place.push(["a.yaml": "a: 1\n"])
        let secret = #"s3cr et$'"\%n"#
        try await Servers.web(place, login: "kari:\(secret)") { address in
            let url = address + "/repo/origin.git"
            let open = repository(url, place) {
                $0.username = "kari"
                $0.password = secret
            }
            try await open.fetch()
            #expect(try await open.resolve("main").id == commit)
            for wrong in [nil, "wr0ng-pass"] {
                let shut = repository(url, place) { $0.password = wrong }
                let error = await failure { try await shut.fetch() }
                #expect(error?.code == .authenticationFailed, "\(String(describing: error))")
                #expect(error.map { !$0.message.contains("wr0ng") } ?? false)
            }
            // Nothing of it stays on disk.
            let found = try FileManager.default.subpathsOfDirectory(atPath: place.mirrors).filter { name in
                let data = FileManager.default.contents(atPath: place.mirrors + "/" + name)
                return name.hasSuffix(".access")
                    || data.map { $0.range(of: Data(secret.utf8)) != nil } ?? false
            }
            #expect(found == [])
        }
    }

    @Test(
        "A move on the same server is followed; one to another server is refused, and it never sees a password"
    )
    func redirections() async throws {
        let place = try await Workplace()
        let commit = try await place.push(["a.yaml": "a: 1\n"])
        try await Servers.web(place, login: "kari:pw") { address in
            let moved = repository(address + "/moved/origin.git", place) {
                ($0.username, $0.password) = ("kari", "pw")
            }
            try await moved.fetch()
            #expect(try await moved.resolve("main").id == commit)
            let elsewhere = repository(address + "/elsewhere/origin.git", place) {
                ($0.username, $0.password) = ("kari", "pw")
            }
            let error = try #require(await failure { try await elsewhere.fetch() })
            #expect(error.code == .redirected && error.message.contains("another server"), "\(error)")
        }
    }

    @Test(
        "A server that is down, answers nonsense or breaks off is told in a sentence, and what was read stays"
    )
    func lies() async throws {
        let place = try await Workplace()
        let noise = (0..<4_000).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }
        try await place.push(["a.yaml": noise.joined(separator: "\n")])
        try await Servers.web(place) { address in
            for (kind, words) in [
                ("garbage", ""), ("page", "not as a Git repository does: it sends text/html"),
                ("down", "cannot be reached"), ("nothing", "is not a Git repository"),
            ] {
                let error = try #require(
                    await failure { try await repository("\(address)/\(kind)/origin.git", place).fetch() }
                )
                #expect(words.isEmpty || error.message.contains(words), "\(kind): \(error)")
                #expect(error.message.contains(address) && !error.message.contains("\n"))
            }
            let silent = repository(address + "/hang/origin.git", place) { $0.patience = .seconds(1) }
            let hung = try #require(await failure { try await silent.fetch() })
            #expect(hung.code == .timedOut && hung.message.contains("did not answer within 1 s"), "\(hung)")
            let cut = repository(address + "/cut/origin.git", place)
            let error = try #require(await failure { try await cut.fetch() })
            #expect(error.code == .unreachable || error.code == .toolFailed, "\(error)")
            await #expect(throws: GitError.self) { try await cut.resolve("main") }

            let known = repository(address + "/repo/origin.git", place)
            try await known.fetch()
            let commit = try await known.resolve("main")
            try FileManager.default.moveItem(atPath: place.origin, toPath: place.origin + ".away")
            #expect(await failure { try await known.fetch() } != nil)
            #expect(try await known.resolve("main") == commit)
        }
        let gone = try #require(
            await failure { try await repository("http://127.0.0.1:9/x.git", place).fetch() }
        )
        #expect(gone.code == .unreachable && gone.isRetryable, "\(gone)")
    }

    @Test("Addresses that make git run a program are refused before git sees them")
    func tricks() async throws {
        let place = try await Workplace()
        let witness = place.root + "/witness"
        for url in [
            "ext::sh -c touch% \(witness)", "--upload-pack=touch \(witness)",
            "ssh://-oProxyCommand=touch \(witness)/x", "fd::17/foo",
        ] {
            #expect(await failure { try await repository(url, place).fetch() } != nil, "\(url)")
        }
        #expect(!FileManager.default.fileExists(atPath: witness))
    }
}
