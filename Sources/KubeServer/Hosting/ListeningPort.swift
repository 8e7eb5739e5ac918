import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Finds out whether an address can be listened on, and which port is free where any will do.
enum ListeningPort {
    /// Where free ports are looked for: below those that the kernel gives to outgoing connections, one of which could
    /// otherwise take the port between this look and the listener's own bind.
    private static let candidates = 20_000..<32_000
    private static let tries = 50
    /// Ports that this process has picked already.
    private static let taken = Mutex<Set<Int>>([])

    /// - Throws: ``HostError`` `cannotListen`.
    static func reserve(host: String, port: Int) async throws -> Int {
        do {
            guard port == 0 else {
                try await tryListening(host: host, port: port)
                return port
            }
            for _ in 0..<tries {
                let candidate = Int.random(in: candidates)
                guard taken.withLock({ $0.insert(candidate).inserted }) else { continue }
                // A port that somebody else listens on: the next one is tried.
                if (try? await tryListening(host: host, port: candidate)) != nil { return candidate }
            }
            throw HostError(code: .cannotListen, message: "cannot find a free port on \(host)")
        } catch let error as HostError {
            throw error
        } catch {
            throw HostError(code: .cannotListen, message: "cannot listen on \(host):\(port): \(error)")
        }
    }

    private static func tryListening(host: String, port: Int) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: port).get()
        try await channel.close()
    }
}
