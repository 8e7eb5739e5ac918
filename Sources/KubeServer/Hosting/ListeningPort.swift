import Foundation
import NIOCore
import NIOPosix

/// Finds out whether an address can be listened on, and which port is free where any will do.
enum ListeningPort {
    /// - Throws: ``HostError`` `cannotListen`.
    static func reserve(host: String, port: Int) async throws -> Int {
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
            let bound = channel.localAddress?.port ?? port
            try await channel.close()
            return bound
        } catch {
            throw HostError(code: .cannotListen, message: "cannot listen on \(host):\(port): \(error)")
        }
    }
}
