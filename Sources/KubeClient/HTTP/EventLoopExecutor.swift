package import NIOCore

/// Runs tasks on the event loop that has their sockets: a request passes from bytes to answer without changing threads.
///
/// For work that is short; what may take long asks for the concurrent executor.
package final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    package init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
