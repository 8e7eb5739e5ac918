import NIOCore

/// Runs a connection's tasks on the event loop that has its socket: a request passes from bytes to answer without changing
/// threads.
///
/// For work that is short; what may take long asks for the concurrent executor.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
