import Crypto
import FoundationEssentials

/// Checks signatures of commits against the keys that are trusted for a repository.
struct SignatureCheck: Sendable {
    let git: GitProgram
    let location: RepositoryLocation
    /// The mirror.
    let directory: String
    let signers: CommitSigners

    private static let deadline = Duration.seconds(20)

    /// - Throws: ``GitError`` `unverified` for a commit that nobody who is trusted has signed.
    func verify(_ commit: Commit, on branch: String) async throws {
        if let problem = signers.problem {
            throw failure(commit, branch, "cannot be checked: \(problem)")
        }
        let keys = try await prepare()
        let configuration = [
            ("gpg.ssh.allowedSignersFile", keys + "/allowed_signers"), ("gpg.minTrustLevel", "undefined"),
            ("gpg.program", "gpg"), ("gpg.ssh.program", "ssh-keygen"),
        ]
        var environment = git.environment
        environment["GNUPGHOME"] = keys + "/gnupg"
        environment["HOME"] = keys
        environment["GIT_CONFIG_COUNT"] = String(configuration.count)
        for (index, (key, value)) in configuration.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = key
            environment["GIT_CONFIG_VALUE_\(index)"] = value
        }
        let outcome = try await Command(
            git.executable,
            ["--git-dir", directory, "verify-commit", "--raw", "--", commit.id.hex],
            environment: environment,
            deadline: Self.deadline
        ).run()
        guard !outcome.succeeded else { return }
        throw failure(commit, branch, Self.reason(outcome.errors))
    }

    private func failure(_ commit: Commit, _ branch: String, _ reason: String) -> GitError {
        GitError(
            code: .unverified,
            message:
                "Commit \(commit.id.short) on \(branch.isEmpty ? "HEAD" : branch) of \(location.display) by "
                + "\(commit.author) \(reason); what was delivered before stays."
        )
    }

    private static func reason(_ words: String) -> String {
        let lower = words.lowercased()
        if lower.contains("no_pubkey") || lower.contains("no principal matched")
            || lower.contains("no public key")
        {
            return "is signed with a key that this tenant does not trust"
        }
        if lower.contains("expkeysig") || lower.contains("revkeysig") || lower.contains("expired") {
            return "is signed with a key that has expired or was revoked"
        }
        if lower.contains("badsig") || lower.contains("incorrect signature")
            || lower.contains("bad signature")
            || lower.contains("signature verification failed")
        {
            return "has a signature that does not fit it"
        }
        return lower.allSatisfy(\.isWhitespace)
            ? "is not signed, and only signed commits are delivered" : "has no signature that can be verified"
    }

    /// The directory with the keys, made anew when they change.
    private func prepare() async throws -> String {
        let keys = directory + ".signers"
        let text = ([signers.allowedSigners] + signers.gpgKeys).joined(separator: "\u{0}")
        let stamp = SHA256.hash(data: Data(text.utf8)).map { String($0, radix: 16) }.joined(separator: ".")
        let stampFile = keys + "/stamp"
        // A stamp that is not there is an old one.
        if let known = try? String(contentsOfFile: stampFile, encoding: .utf8), known == stamp { return keys }
        do {
            if FileManager.default.fileExists(atPath: keys) {
                try FileManager.default.removeItem(atPath: keys)
            }
            try FileManager.default.createDirectory(
                atPath: keys + "/gnupg",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try Data(signers.allowedSigners.utf8)
                .write(to: URL(fileURLWithPath: keys + "/allowed_signers"))
            for (index, key) in signers.gpgKeys.enumerated() {
                let file = keys + "/key-\(index).asc"
                try Data(key.utf8).write(to: URL(fileURLWithPath: file))
                try await importKey(file, home: keys + "/gnupg")
            }
            try Data(stamp.utf8).write(to: URL(fileURLWithPath: stampFile))
        } catch let error as GitError {
            throw error
        } catch {
            throw GitError(code: .toolFailed, message: "Keys cannot be laid out at \(keys): \(error)")
        }
        return keys
    }

    private func importKey(_ file: String, home: String) async throws {
        guard let program = ProgramSearch.path(of: "gpg") else {
            throw GitError(
                code: .unverified,
                message: "Signatures with OpenPGP keys need the program gpg (apt-get install gnupg)."
            )
        }
        let words = [
            "--homedir", home, "--batch", "--no-tty", "--no-autostart", "--quiet", "--import", file,
        ]
        let outcome = try await Command(
            program,
            words,
            environment: ["PATH": git.environment["PATH"] ?? "", "LC_ALL": "C", "HOME": home],
            deadline: Self.deadline
        ).run()
        guard outcome.succeeded else {
            throw GitError(
                code: .unverified,
                message: "An OpenPGP key that is trusted for \(location.display) cannot be read: "
                    + String(outcome.errors.split(whereSeparator: \.isNewline).last ?? "gpg says nothing")
            )
        }
    }
}
