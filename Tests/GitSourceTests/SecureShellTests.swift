import Foundation
import GitSource
import Testing

@Suite struct SecureShellTests {
    @Test("Over ssh the key of the Secret is used, and only a known host is trusted")
    func keys() async throws {
        let place = try await Workplace()
        let commit = try await place.push(["a.yaml": "a: 1\n"])
        try await Servers.secure(place) { server in
            func fetch(_ change: @Sendable (inout RepositoryAccess) -> Void) async throws -> ObjectID {
                var access = RepositoryAccess()
                (access.sshKey, access.knownHosts) = (server.key, server.knownHosts)
                change(&access)
                let repository = GitRepository(
                    url: server.address + place.origin,
                    directory: place.mirrors + "/\(UUID().uuidString).git",
                    access: access
                )
                try await repository.fetch()
                return try await repository.resolve("main").id
            }
            let fetched = try await fetch { _ in }
            #expect(fetched == commit)
            let stranger = await #expect(throws: GitError.self) {
                try await fetch { $0.knownHosts = "other.example ssh-ed25519 AAAA\n" }
            }
            #expect(stranger?.code == .authenticationFailed)
            #expect(
                stranger?.message.contains("known_hosts in the repository's Secret") ?? false,
                "\(stranger as Any)"
            )
            let keyless = await #expect(throws: GitError.self) { try await fetch { $0.sshKey = nil } }
            #expect(keyless?.code == .authenticationFailed, "\(keyless as Any)")
        }
    }
}
