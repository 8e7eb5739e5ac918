import KubeModel
import Tenancy

/// What one caller may look at and do: everything, or what tenants give to the caller's groups.
struct Sight: Sendable, Hashable {
    /// What a tenant lets a group do; each includes those before it.
    enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
        /// Look at the tenant's applications.
        case view
        /// Sync, pin, pause, act on objects, refuse deletions.
        case deploy
        /// Let held deletions happen.
        case admin

        static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// `nil` for whoever may do everything.
    private let roles: [String: Role]?

    static let everything = Sight(roles: nil)
    static let nothing = Sight(roles: [:])

    private init(roles: [String: Role]?) { self.roles = roles }

    init(groups: Set<String>, of tenants: [TenantSummary]) {
        var roles: [String: Role] = [:]
        for tenant in tenants {
            let held = tenant.groups.compactMap { role, members in
                groups.isDisjoint(with: members) ? nil : Role(rawValue: role)
            }
            if let highest = held.max() { roles[tenant.name] = highest }
        }
        self.roles = roles
    }

    var isEverything: Bool { roles == nil }
    /// The tenants that are seen; `nil` for all.
    var tenants: [String]? { roles?.keys.sorted() }

    func sees(tenant: String) -> Bool { roles.map { $0[tenant] != nil } ?? true }

    func may(_ role: Role, in tenant: String) -> Bool {
        guard let roles else { return true }
        return roles[tenant].map { $0 >= role } ?? false
    }

    /// The *Me* of docs/api.md.
    func answer(person: String) -> JSON {
        [
            "person": .string(person), "everything": .bool(isEverything),
            "tenants": .object(
                JSONObject(
                    (roles ?? [:]).map { ($0.key, .string($0.value.rawValue)) },
                    uniquingKeysWith: { _, last in last }
                )
            ),
        ]
    }
}
