import NIOCore
import NIOSSL

/// Lets what is flushed within one turn of the connection's thread leave together.
///
/// async-http-client flushes the head of a request, its body and its end one by one. That is two TLS records in two packets, for
/// which the server wakes up twice: together they cost both sides a fortieth of a server-side apply.
final class JoinedFlushes: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private var isPending = false

    func flush(context: ChannelHandlerContext) {
        guard !isPending else { return }
        isPending = true
        context.eventLoop.assumeIsolated().execute {
            self.isPending = false
            context.flush()
        }
    }

    /// Puts one before a connection's TLS.
    static func add(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let tls = try? pipeline.handler(type: NIOSSLClientHandler.self)
            try pipeline.addHandler(JoinedFlushes(), position: tls.map { .after($0) } ?? .first)
        }
    }
}
