/// Why `varde up` or `varde server` cannot run.
package struct UpError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable { case alreadyRunning, cannotListen, badConfiguration, noAdminCluster }
    package var code: Code
    package var message: String

    package var description: String { message }
}

extension UpError {
    /// Starts what listens, and says what to do when the address cannot be had.
    static func listening<Listener>(
        _ address: String,
        _ option: String,
        _ start: () async throws -> Listener
    ) async throws -> Listener {
        do {
            return try await start()
        } catch {
            let text = String(describing: error)
            let reasons = [
                ("Address already in use", "another program listens there"),
                ("Permission denied", "that is not allowed"),
                ("Cannot assign requested address", "this machine does not have that address"),
            ]
            guard let (_, reason) = reasons.first(where: { text.contains($0.0) }) else { throw error }
            throw UpError(
                code: .cannotListen,
                message: "Cannot listen on \(address): \(reason). "
                    + "Choose another address with \(option) HOST:PORT; port 0 picks a free one."
            )
        }
    }
}
