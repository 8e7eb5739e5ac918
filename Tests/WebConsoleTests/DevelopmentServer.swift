import Foundation
import Logging
import Testing

@testable import WebConsole

/// For working on the console: `VARDE_CONSOLE_DEV=<seconds>` serves the fake fleet on 127.0.0.1:18080, token `dev`.
@Test(
    "The fake fleet is served for a while, for a person who works on the console",
    .enabled(if: ProcessInfo.processInfo.environment["VARDE_CONSOLE_DEV"] != nil)
)
func serveForDevelopment() async throws {
    let environment = ProcessInfo.processInfo.environment
    let seconds = Int(environment["VARDE_CONSOLE_DEV"] ?? "") ?? 60
    let extra = Int(environment["VARDE_CONSOLE_APPS"] ?? "") ?? 0
    let port = Int(environment["VARDE_CONSOLE_PORT"] ?? "") ?? 18_080
    let fleet = FakeFleet(
        now: FakeFleet.wallClock(),
        extraApplications: extra,
        pods: Int(environment["VARDE_CONSOLE_PODS"] ?? "") ?? 2
    )
    let server = try await ConsoleServer(
        backend: fleet,
        host: "127.0.0.1",
        port: port,
        token: "dev",
        version: "0.1.0-dev",
        logger: Logger(label: "console")
    )
    await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        if environment["VARDE_CONSOLE_QUIET"] == nil {
            group.addTask { try await fleet.live(pace: .seconds(3)) }
        }
        group.addTask { try await Task.sleep(for: .seconds(seconds)) }
        while let result = await group.nextResult() {
            if case .failure(let error) = result { Issue.record(error) }
            break
        }
        group.cancelAll()
    }
}
