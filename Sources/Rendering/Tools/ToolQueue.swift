/// A tenant has as many renderings at the tools, or waiting for them, as it may.
///
/// Whoever asked keeps nobody else waiting in the meantime, and is told when it is worth asking again.
package struct ToolsBusy: Error, Sendable {
    package var tenant: String
}

/// Bounds how many renderings of each tenant are at the tools or wait for them: callers have few hands, and those of a tenant
/// whose tools hang shall not all be waiting.
struct ToolQueue {
    private struct Tenant {
        var present = 0
        var later: [(place: String, wake: @Sendable () -> Void)] = []
    }

    private let limit: Int
    private var tenants: [String: Tenant] = [:]

    init(limit: Int) { self.limit = limit }

    func hasRoom(for tenant: String) -> Bool { tenants[tenant]?.present ?? 0 < limit }

    mutating func enter(_ tenant: String) { tenants[tenant, default: Tenant()].present += 1 }

    /// - Returns: Those for whom there is room now, by what wakes them.
    mutating func leave(_ name: String) -> [@Sendable () -> Void] {
        guard var tenant = tenants[name] else { return [] }
        tenant.present -= 1
        let next = tenant.later.prefix(max(0, limit - tenant.present))
        tenant.later.removeFirst(next.count)
        tenants[name] = tenant.present == 0 && tenant.later.isEmpty ? nil : tenant
        return next.map(\.wake)
    }

    /// Keeps who came too early, once for each place.
    mutating func comeBack(_ tenant: String, _ place: String, _ wake: @escaping @Sendable () -> Void) {
        guard tenants[tenant]?.later.contains(where: { $0.place == place }) != true else { return }
        tenants[tenant, default: Tenant()].later.append((place, wake))
    }
}
