import GitSource
import Synchronization

/// Bounds how many external tools run at once, and shares them between tenants.
///
/// Those who wait are served tenant by tenant, so that a tenant with many directories is one among others. Beyond the usual
/// number of tools, as many again may run of tenants that have none: tools that hang hold up no other tenant. A tenant whose
/// tool ran into its deadline has one tool at a time and comes after the others, until one of its tools ends by itself.
final class ToolSlots: Sendable {
    fileprivate struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    fileprivate struct Tenant {
        var running = 0
        var waiting: [Waiter] = []
        /// Whether its last tool ran into the deadline.
        var isLate = false
    }

    fileprivate struct State {
        let count: Int
        var tenants: [String: Tenant] = [:]
        /// Tenants that wait; who was served last is at the end.
        var order: [String] = []
        var running = 0
        var nextNumber = 0
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(count: count)) }

    /// A place at the tools, for the time of one call of ``run(for:_:)``.
    struct Turn: Sendable {
        let slots: ToolSlots
        let tenant: String

        /// Tells how a tool ended.
        func noteEnd(_ end: Command.End) { slots.noteEnd(end, of: tenant) }
    }

    /// How many wait.
    var waiting: Int { state.withLock { $0.tenants.values.reduce(0) { $0 + $1.waiting.count } } }

    /// Runs `work` as soon as it is the tenant's turn.
    func run<Value>(for tenant: String, _ work: (Turn) async throws -> Value) async throws -> Value {
        try await acquire(tenant)
        defer { release(tenant) }
        return try await work(Turn(slots: self, tenant: tenant))
    }

    private func acquire(_ tenant: String) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isFree = state.withLock { state in
                    if state.mayRun(tenant) {
                        state.take(tenant)
                        return true
                    }
                    state.wait(tenant, Waiter(number: number, continuation: continuation))
                    return false
                }
                if isFree { return continuation.resume() }
                if Task.isCancelled { leave(tenant, number) }
            }
        } onCancel: {
            leave(tenant, number)
        }
    }

    private func leave(_ tenant: String, _ number: Int) {
        let waiter = state.withLock { $0.leave(tenant, number) }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func release(_ tenant: String) {
        let next = state.withLock { state in
            state.giveBack(tenant)
            return state.serve()
        }
        for waiter in next { waiter.continuation.resume() }
    }

    private func noteEnd(_ end: Command.End, of tenant: String) {
        state.withLock { $0.tenants[tenant]?.isLate = end == .timedOut }
    }
}

extension ToolSlots.State {
    func mayRun(_ name: String) -> Bool {
        let tenant = tenants[name] ?? ToolSlots.Tenant()
        if tenant.isLate {
            // Some places are never taken by those that are likely to keep them.
            let late = tenants.values.count { $0.isLate && $0.running > 0 }
            return tenant.running == 0 && late < count && running < 2 * count
        }
        return running < count || tenant.running == 0 && running < 2 * count
    }

    mutating func take(_ tenant: String) {
        running += 1
        tenants[tenant, default: ToolSlots.Tenant()].running += 1
    }

    mutating func giveBack(_ tenant: String) {
        running -= 1
        tenants[tenant]?.running -= 1
        forget(tenant)
    }

    mutating func wait(_ tenant: String, _ waiter: ToolSlots.Waiter) {
        tenants[tenant, default: ToolSlots.Tenant()].waiting.append(waiter)
        if !order.contains(tenant) { order.append(tenant) }
    }

    mutating func leave(_ tenant: String, _ number: Int) -> ToolSlots.Waiter? {
        guard let place = tenants[tenant]?.waiting.firstIndex(where: { $0.number == number }) else {
            return nil
        }
        let waiter = tenants[tenant]?.waiting.remove(at: place)
        if tenants[tenant]?.waiting.isEmpty ?? true { order.removeAll { $0 == tenant } }
        forget(tenant)
        return waiter
    }

    /// Gives free places to those whose turn it is.
    mutating func serve() -> [ToolSlots.Waiter] {
        var served: [ToolSlots.Waiter] = []
        while let tenant = next, let waiter = tenants[tenant]?.waiting.removeFirst() {
            order.removeAll { $0 == tenant }
            if tenants[tenant]?.waiting.isEmpty == false { order.append(tenant) }
            take(tenant)
            served.append(waiter)
        }
        return served
    }

    private var next: String? {
        let ready = order.filter(mayRun)
        return ready.first { tenants[$0]?.isLate == false } ?? ready.first
    }

    /// Only what is late is remembered without a tool.
    private mutating func forget(_ name: String) {
        guard let tenant = tenants[name], tenant.running == 0, tenant.waiting.isEmpty, !tenant.isLate else {
            return
        }
        tenants[name] = nil
    }
}
