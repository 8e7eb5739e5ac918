import AsyncHTTPClient
import NIOCore
import Synchronization

/// Pools of connections to one cluster, one for each of the ``ClusterThreads``.
final class ConnectionPools: Sendable {
    struct Lane: Sendable {
        fileprivate let index: Int
        let loop: any EventLoop
        let client: HTTPClient
    }

    private let lanes: [Lane]
    /// How many requests of others' threads each has.
    private let guests: Mutex<[Int]>

    /// - Parameter configuration: Of each pool; the limit of connections is that of all together.
    init(_ configuration: HTTPClient.Configuration) {
        let loops = ClusterThreads.loops
        var configuration = configuration
        let all = configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, all / loops.count)
        lanes = loops.enumerated().map { index, loop in
            Lane(
                index: index,
                loop: loop,
                client: HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: configuration)
            )
        }
        guests = Mutex(Array(repeating: 0, count: loops.count))
    }

    deinit {
        // The clients outlive this by what their callbacks hold.
        for lane in lanes { lane.client.shutdown { [lane] _ in _ = lane } }
    }

    /// The pool of the caller's own thread, otherwise one that has least to do; to be given back.
    func take() -> Lane {
        let index = guests.withLock { guests in
            let index =
                lanes.firstIndex { $0.loop.inEventLoop }
                ?? guests.indices.min { guests[$0] < guests[$1] } ?? 0
            guests[index] += 1
            return index
        }
        return lanes[index]
    }

    func giveBack(_ lane: Lane) { guests.withLock { $0[lane.index] -= 1 } }
}
