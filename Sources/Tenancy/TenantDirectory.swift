/// All tenants at one moment, and who of them owns what.
///
/// A pure value: the same tenants in any order give the same directory.
package struct TenantDirectory: Sendable, Hashable {
    package private(set) var tenants: [String: Tenant] = [:]
    /// Tenants that are declared but not accepted, and why.
    package private(set) var refused: [String: TenancyError] = [:]
    package private(set) var prefixes = PrefixTrie()

    package init() {}

    /// - Parameters:
    ///   - declared: Tenants as declared. Where prefixes overlap the one that was declared first stays.
    ///   - invalid: Tenants whose objects could not be read, by name.
    package init(declared: [Tenant], invalid: [String: TenancyError] = [:]) {
        refused = invalid
        for tenant in declared.sorted(by: { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }) {
            if let overlap = firstOverlap(of: tenant) {
                refused[tenant.name] = overlap
                continue
            }
            tenants[tenant.name] = tenant
            for prefix in tenant.prefixes { prefixes.insert(prefix, owner: tenant.name) }
        }
    }

    private func firstOverlap(of tenant: Tenant) -> TenancyError? {
        for prefix in tenant.prefixes {
            for overlap in prefixes.overlaps(of: prefix, owner: tenant.name) {
                switch overlap {
                case .inside(let other, let owner):
                    let isLeft = other != prefix && tenants[owner]?.carveOuts.contains(prefix) == true
                    guard !isLeft else { continue }
                    guard prefix != other else {
                        return TenancyError(
                            code: .prefixOverlap,
                            message: "Prefix \"\(prefix)\" is tenant \(owner)'s. Choose another."
                        )
                    }
                    return TenancyError(
                        code: .prefixOverlap,
                        message: "Prefix \"\(prefix)\" lies inside \"\(other)\" of tenant \(owner). "
                            + "Choose another, or let \(owner) list it in spec.carveOuts."
                    )
                case .around(let other, let owner):
                    guard !tenant.carveOuts.contains(other) else { continue }
                    return TenancyError(
                        code: .prefixOverlap,
                        message: "Prefix \"\(prefix)\" would take in \"\(other)\" of tenant \(owner). "
                            + "Choose another, or list \"\(other)\" in this tenant's spec.carveOuts."
                    )
                }
            }
        }
        return nil
    }

    /// The summaries of all declared tenants, by name.
    package var summaries: [TenantSummary] {
        let accepted = tenants.values.map { tenant in
            TenantSummary(
                name: tenant.name,
                displayName: tenant.displayName,
                prefixes: tenant.prefixes,
                repositories: tenant.repositories,
                clusters: tenant.clusters,
                groups: tenant.groups,
                isAccepted: true,
                message: ""
            )
        }
        let others = refused.map { name, error in
            TenantSummary(
                name: name,
                displayName: name,
                prefixes: [],
                repositories: [],
                clusters: [],
                groups: [:],
                isAccepted: false,
                message: error.message
            )
        }
        return (accepted + others).sorted { $0.name < $1.name }
    }
}
