import Testing

@testable import KubeRuntime

@Suite("Work queue")
struct WorkQueueTests {
    @Test("A key that waits is there once, however often it is added")
    func dedupes() async {
        let queue = WorkQueue<String>()
        await queue.add("a")
        await queue.add("b")
        await queue.add("a")
        #expect(await queue.count == 2)
        #expect(await queue.next() == "a")
        #expect(await queue.next() == "b")
    }

    @Test("A key added during its work is given out again, but only after it is done")
    func exclusive() async {
        let queue = WorkQueue<String>()
        await queue.add("a")
        #expect(await queue.next() == "a")
        await queue.add("a")
        #expect(await queue.count == 0)
        await queue.done("a")
        #expect(await queue.count == 1)
        #expect(await queue.next() == "a")
    }

    @Test("A worker that waits gets the next key")
    func handsOver() async {
        let queue = WorkQueue<String>()
        async let key = queue.next()
        await queue.add("a")
        #expect(await key == "a")
    }

    @Test("Waiting ends with nothing when the queue shuts down or the task is cancelled")
    func ends() async {
        let queue = WorkQueue<String>()
        let waiting = Task { await queue.next() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        let other = Task { await queue.next() }
        await queue.shutDown()
        #expect(await other.value == nil)
        #expect(await queue.next() == nil)
    }

    @Test("A delayed key comes at its time, not before")
    func delays() async {
        let clock = ManualClock()
        let queue = WorkQueue<String>(clock: clock)
        await queue.add("a", after: .seconds(10))
        #expect(await eventually { clock.sleeperCount == 1 })
        clock.advance(by: .seconds(9))
        #expect(await queue.count == 0)
        clock.advance(by: .seconds(1))
        #expect(await queue.next() == "a")
    }

    @Test("Of two delays of one key the shorter counts, and adding it at once replaces both")
    func shortestDelay() async {
        let clock = ManualClock()
        let queue = WorkQueue<String>(clock: clock)
        await queue.add("a", after: .seconds(10))
        await queue.add("a", after: .seconds(2))
        await queue.add("a", after: .seconds(30))
        #expect(await eventually { clock.sleeperCount >= 1 })
        clock.advance(by: .seconds(2))
        #expect(await queue.next() == "a")
        await queue.done("a")
        await queue.add("b", after: .seconds(5))
        await queue.add("b")
        #expect(await queue.next() == "b")
        await queue.done("b")
        clock.advance(by: .seconds(60))
        await queue.add("end")
        #expect(await queue.next() == "end")
    }

    @Test("Retries wait longer each time, until the key is forgotten")
    func backsOff() async {
        let queue = WorkQueue<String>(
            clock: ManualClock(),
            backoff: Backoff(first: .seconds(1), limit: .seconds(3))
        )
        #expect(await queue.addRetry("a") == .seconds(1))
        #expect(await queue.addRetry("a") == .seconds(2))
        #expect(await queue.addRetry("a") == .seconds(3))
        await queue.forget("a")
        #expect(await queue.addRetry("a") == .seconds(1))
    }

    @Test("Many workers and adders lose no key and never share one")
    func stress() async {
        let queue = WorkQueue<Int>()
        let done = await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var seen: [Int] = []
                    while let key = await queue.next(), key >= 0 {
                        seen.append(key)
                        await queue.done(key)
                    }
                    return seen
                }
            }
            for key in 0..<500 { await queue.add(key) }
            _ = await eventually { await queue.count == 0 }
            await queue.shutDown()
            var all: [Int] = []
            for await seen in group { all += seen }
            return all
        }
        #expect(done.sorted() == Array(0..<500))
    }
}
