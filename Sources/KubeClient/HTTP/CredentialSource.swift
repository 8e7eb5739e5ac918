import FoundationEssentials
import KubeModel
import Subprocess
import SystemPackage

/// What a request proves its identity with.
struct Authorization: Sendable, Hashable {
    /// The `Authorization` header.
    var header: String?
    var certificate: ClusterEndpoint.ClientCertificate?
}

/// Gives out the current credential of an endpoint, and gets a new one when it is old or was refused.
actor CredentialSource {
    private let credential: ClusterEndpoint.Credential
    /// Of a credential that never changes.
    private nonisolated let standing: Authorization?
    private var known: (authorization: Authorization, until: Date?)?
    /// How long the content of a token file is used before it is read again.
    private static let tokenFileAge: TimeInterval = 60

    /// Whose credential it is, for messages.
    private let origin: String?

    init(_ credential: ClusterEndpoint.Credential, of origin: String? = nil) {
        self.credential = credential
        self.origin = origin
        switch credential {
        case .none: standing = Authorization()
        case .token(let token): standing = Authorization(header: "Bearer \(token)")
        case .basic(let user, let password):
            standing = Authorization(
                header: "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
            )
        case .tokenFile, .plugin: standing = nil
        }
    }

    nonisolated func current() async throws -> Authorization {
        if let standing { return standing }
        do {
            return try await changing()
        } catch var error as ClientError {
            if let origin { error.message += " (\(origin))" }
            throw error
        }
    }

    private func changing() async throws -> Authorization {
        switch credential {
        case .none, .token, .basic: return Authorization()
        case .tokenFile(let path):
            if let known, let until = known.until, until > Date() { return known.authorization }
            return try read(path)
        case .plugin(let plugin):
            if let known, known.until.map({ $0 > Date() }) ?? true { return known.authorization }
            let answer = try await plugin.run()
            known = (answer.authorization, answer.until)
            return answer.authorization
        }
    }

    /// Forgets a credential that the server refused.
    /// - Returns: Whether another one may be had.
    func refused(_ authorization: Authorization) -> Bool {
        switch credential {
        case .none, .token, .basic: return false
        case .tokenFile, .plugin:
            if known?.authorization == authorization { known = nil }
            return true
        }
    }

    private func read(_ path: String) throws -> Authorization {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ClientError(code: .badConfiguration, message: "cannot read the token file \(path)")
        }
        let token = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        let authorization = Authorization(header: "Bearer \(token)")
        known = (authorization, Date().addingTimeInterval(Self.tokenFileAge))
        return authorization
    }
}

extension ExecPlugin {
    /// Runs the program and reads the `ExecCredential` that it writes.
    func run() async throws -> (authorization: Authorization, until: Date?) {
        let output = try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await execute() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw ClientError(
                    code: .timedOut,
                    message: "the credential plugin \(command) gave no credential within "
                        + "\(timeout.components.seconds) s: run it by hand to see what it waits for"
                )
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
        // Its text may hold a secret: not shown.
        guard let json = try? JSON.parse(output), let status = json["status"] else {
            throw ClientError(
                code: .badConfiguration,
                message:
                    "the credential plugin \(command) did not write an ExecCredential: run it by hand to see what it writes"
            )
        }
        var authorization = Authorization(header: status["token"]?.string.map { "Bearer \($0)" })
        if let certificate = status["clientCertificateData"]?.string,
            let key = status["clientKeyData"]?.string
        {
            authorization.certificate = .init(certificate: Array(certificate.utf8), key: Array(key.utf8))
        }
        guard authorization != Authorization() else {
            throw ClientError(
                code: .badConfiguration,
                message: "the credential plugin \(command) gave neither a token nor a certificate"
            )
        }
        // None: keeps for ever.
        let expiry = status["expirationTimestamp"]?.string.flatMap { try? Date($0, strategy: .iso8601) }
        return (authorization, expiry?.addingTimeInterval(-10))
    }

    private func execute() async throws -> String {
        var spec: JSON = ["interactive": false]
        spec["cluster"] = clusterInformation
        let information: JSON = [
            "apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": spec,
        ]
        var updates: [Environment.Key: String] = ["KUBERNETES_EXEC_INFO": information.text]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { updates[key] = value }
        }
        let executable: Executable = command.contains("/") ? .path(FilePath(command)) : .name(command)
        // The whole group ends with the program: what a script started would otherwise stay.
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
        ]
        do {
            let result = try await Subprocess.run(
                executable,
                arguments: Arguments(arguments),
                environment: .inherit.updating(updates),
                platformOptions: options,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16)
            )
            if result.terminationStatus.isSuccess { return result.standardOutput }
            let complaint = result.standardError.prefix(500).split(whereSeparator: \.isNewline)
                .joined(separator: " ")
            throw ClientError(
                code: .badConfiguration,
                message: "the credential plugin \(command) failed (\(result.terminationStatus)): "
                    + (complaint.isEmpty ? "it said nothing" : complaint)
            )
        } catch let error as SubprocessError {
            throw ClientError(
                code: .badConfiguration,
                message: "cannot run the credential plugin \(command): \(error)"
            )
        }
    }
}
