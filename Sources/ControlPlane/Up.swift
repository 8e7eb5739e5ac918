/// `varde up`: the whole of Varde in one process.
package enum Up {
    /// Runs until SIGTERM or SIGINT, then stops in order and returns.
    package static func run(_ configuration: UpConfiguration) async throws { fatalError("the coordinator implements") }
}
