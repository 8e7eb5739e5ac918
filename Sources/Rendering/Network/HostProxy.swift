import GitSource
import NIOCore
import NIOPosix
import Synchronization

/// Passes a tool's connections on to the hosts that its tenant allows, and refuses all others.
///
/// It listens on a socket in the file system, which is the only thing that leads out of a tool's network namespace. Names are
/// looked up here, and the address that was checked is the one that is connected to.
struct HostProxy: Sendable {
    /// What one run of a tool may use.
    struct Limits: Sendable {
        var connections = 32
        /// Bytes of all connections together, in both directions.
        var bytes = 256 << 20
        var connecting = Duration.seconds(10)
    }

    let network: ToolNetwork
    /// Who is said to have asked.
    let tool: String
    let journal: ProxyJournal
    var limits = Limits()
    var resolve: HostResolution = SystemHostResolution.addresses

    private typealias Stream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// How much may be used still.
    private final class Allowance: Sendable {
        private let state: Mutex<(connections: Int, bytes: Int)>

        init(_ limits: Limits) { state = Mutex((limits.connections, limits.bytes)) }

        func takeConnection() -> Bool {
            state.withLock { state in
                guard state.connections > 0 else { return false }
                state.connections -= 1
                return true
            }
        }
        func giveConnectionBack() { state.withLock { $0.connections += 1 } }
        func take(bytes: Int) -> Bool {
            state.withLock { state in
                state.bytes -= bytes
                return state.bytes >= 0
            }
        }
    }

    /// Listens at a path for as long as `work` takes.
    func run<Value: Sendable>(
        at path: String,
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 32)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try Self.stream(channel) }
            }
        let allowance = Allowance(limits)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // However it ends, the tool sees a connection that is closed.
                try? await server.executeThenClose { inbound in
                    try await withThrowingDiscardingTaskGroup { connections in
                        for try await connection in inbound {
                            connections.addTask { await serve(connection, allowance) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await work()
        }
    }

    private static func stream(_ channel: any Channel) throws -> Stream {
        try Stream(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
    }

    // MARK: One connection

    private func serve(_ connection: Stream, _ allowance: Allowance) async {
        // A connection that breaks off concerns nobody but the tool, which sees it.
        try? await connection.executeThenClose { inbound, outbound in
            var chunks = inbound.makeAsyncIterator()
            guard let (head, rest) = try await readHead(&chunks) else { return }
            guard let request = ProxyRequest(head: head.readableBytesView) else {
                return try await outbound.write(Self.answer("400 Bad Request", "This proxy speaks HTTP/1.1."))
            }
            guard allowance.takeConnection() else {
                journal.note("\(tool) opened more than \(limits.connections) connections at a time.")
                return try await outbound.write(Self.answer("429 Too Many Requests", "Too many connections."))
            }
            defer { allowance.giveConnectionBack() }
            let server: Stream
            do {
                server = try await connect(request)
            } catch let refusal as Refusal {
                journal.note(refusal.sentence)
                return try await outbound.write(Self.answer(refusal.status, refusal.sentence))
            }
            try await server.executeThenClose { answers, questions in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for try await chunk in answers {
                            try take(chunk, allowance)
                            try await outbound.write(chunk)
                        }
                        outbound.finish()
                    }
                    if let forwarded = request.forwarded {
                        try await questions.write(ByteBuffer(bytes: forwarded))
                    } else {
                        try await outbound.write(
                            ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n")
                        )
                    }
                    if rest.readableBytes > 0 { try await questions.write(rest) }
                    while let chunk = try await chunks.next() {
                        try take(chunk, allowance)
                        try await questions.write(chunk)
                    }
                    questions.finish()
                    try await group.waitForAll()
                }
            }
        }
    }

    private func take(_ chunk: ByteBuffer, _ allowance: Allowance) throws {
        guard allowance.take(bytes: chunk.readableBytes) else {
            let sentence = "\(tool) moved more than \(limits.bytes >> 20) MiB over the network."
            journal.note(sentence)
            throw Refusal(status: "", sentence: sentence)
        }
    }

    /// The head of a request, and what came with it; `nil` when there is none.
    private func readHead(
        _ chunks: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) async throws -> (head: ByteBuffer, rest: ByteBuffer)? {
        var buffer = ByteBuffer()
        while var chunk = try await chunks.next() {
            buffer.writeBuffer(&chunk)
            if let end = buffer.readableBytesView.firstRange(of: "\r\n\r\n".utf8)?.upperBound {
                guard let head = buffer.readSlice(length: end - buffer.readerIndex) else { return nil }
                return (head, buffer)
            }
            guard buffer.readableBytes <= ProxyRequest.headLimit else { return nil }
        }
        return nil
    }

    private static func answer(_ status: String, _ sentence: String) -> ByteBuffer {
        ByteBuffer(
            string: "HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: \(sentence.utf8.count + 1)\r\nConnection: close\r\n\r\n\(sentence)\n"
        )
    }

    // MARK: Where it may go

    private struct Refusal: Error {
        var status: String
        var sentence: String
    }

    private func connect(_ request: ProxyRequest) async throws -> Stream {
        let (host, port) = (request.host, request.port)
        guard network.hosts.allow(host, port: port) else {
            throw Refusal(
                status: "403 Forbidden",
                sentence: network.refusal(of: host, port: port, asking: tool)
            )
        }
        let found: [NetworkAddress] =
            // A name that cannot be looked up has no address.
            if let address = NetworkAddress(host) { [address] } else { (try? await resolve(host)) ?? [] }
        let addresses = found.filter { mayUse($0, for: host, port: port) }
        guard let first = found.first else {
            throw Refusal(
                status: "502 Bad Gateway",
                sentence: "\(tool) asked for \(host), which has no address."
            )
        }
        guard !addresses.isEmpty else {
            throw Refusal(
                status: "403 Forbidden",
                sentence:
                    "\(tool) asked for \(host), which leads to \(first), this machine or its link; if that is "
                    + "meant, add the address to network.hosts of tenant \(network.tenant), too."
            )
        }
        var reason = ""
        for address in addresses.prefix(4) {
            do {
                return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(TimeAmount(limits.connecting))
                    .channelOption(.allowRemoteHalfClosure, value: true)
                    .connect(host: address.description, port: port) { channel in
                        channel.eventLoop.makeCompletedFuture { try Self.stream(channel) }
                    }
            } catch {
                reason = "\(error)"
            }
        }
        throw Refusal(
            status: "502 Bad Gateway",
            sentence: "\(tool) asked for \(host), which cannot be reached at port \(port): \(reason)"
        )
    }

    /// An allowed name may lead into the organisation's network, but not to this machine unless that is named itself.
    private func mayUse(_ address: NetworkAddress, for host: String, port: Int) -> Bool {
        guard address.isConfined else { return true }
        return network.hosts.allow(address.description, port: port)
            || (host == "localhost" && address.isLoopback)
    }
}
