import Foundation
import GitSource
import Testing

@Suite struct SecureShellKeyTests {
    private func key(_ words: [String]) async throws -> (privateKey: String, publicKey: String) {
        let place = try await Workplace()
        let file = place.root + "/key"
        try await Servers.tool("ssh-keygen", ["-q", "-f", file] + words)
        return (
            try String(contentsOfFile: file, encoding: .utf8),
            try String(contentsOfFile: file + ".pub", encoding: .utf8)
        )
    }

    @Test("Nothing speaks against keys without a passphrase, in either format")
    func open() async throws {
        let modern = try await key(["-t", "ed25519", "-N", ""])
        let old = try await key(["-t", "ecdsa", "-m", "PEM", "-N", ""])
        #expect(SecureShellKey.problem(of: modern.privateKey) == nil)
        #expect(SecureShellKey.problem(of: old.privateKey) == nil)
    }

    @Test("A passphrase is told before ssh is asked, in either format")
    func locked() async throws {
        for words in [
            ["-t", "ed25519", "-N", "open sesame"], ["-t", "ecdsa", "-m", "PEM", "-N", "open sesame"],
            ["-t", "ecdsa", "-m", "PKCS8", "-N", "open sesame"],
        ] {
            let key = try await key(words)
            let problem = SecureShellKey.problem(of: key.privateKey)
            #expect(problem?.contains("has a passphrase") == true, "\(words)")
        }
    }

    @Test("What is no private key is told as what it is")
    func others() async throws {
        let key = try await key(["-t", "ed25519", "-N", ""])
        #expect(SecureShellKey.problem(of: key.publicKey)?.contains("public key") == true)
        #expect(SecureShellKey.problem(of: "PuTTY-User-Key-File-3: x\n")?.contains("PuTTY") == true)
        #expect(SecureShellKey.problem(of: "secret")?.contains("no private key") == true)
        let half = String(key.privateKey.prefix(80))
        #expect(SecureShellKey.problem(of: half)?.contains("not whole") == true)
    }
}
