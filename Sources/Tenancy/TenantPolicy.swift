package import KubeModel

/// Why something is not allowed: the rule, in a sentence, and the object and file it is about.
package struct Refusal: Sendable, Hashable {
    package enum Rule: Sendable, Hashable {
        case unknownTenant, outsidePrefix, clusterNotAllowed, namespaceQuota, namespaceKind, clusterScoped,
            otherNamespace,
            deniedKind, registry, objectQuota
    }

    package var rule: Rule
    package var message: String
    package var object: String?
    package var origin: String?
    package var field: String?

    package init(
        rule: Rule,
        message: String,
        object: String? = nil,
        origin: String? = nil,
        field: String? = nil
    ) {
        self.rule = rule
        self.message = message
        self.object = object
        self.origin = origin
        self.field = field
    }
}

/// The rules of tenancy, for the good message: the cluster's own RBAC refuses the same things without it.
extension TenantDirectory {
    /// An object that a tenant wants to apply.
    package struct Candidate: Sendable {
        package var object: KubeObject
        package var isNamespaced: Bool
        package var origin: String

        package init(object: KubeObject, isNamespaced: Bool, origin: String) {
            self.object = object
            self.isNamespaced = isNamespaced
            self.origin = origin
        }
    }

    /// RFC 1123, as Kubernetes asks of namespaces.
    private static func isNamespaceName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
        }
        return isPlain && (1...63).contains(name.utf8.count) && !name.hasPrefix("-") && !name.hasSuffix("-")
    }

    /// Why a tenant may not deliver to a namespace of a cluster at all; `nil` when it may.
    ///
    /// - Parameter otherNamespaces: How many other namespaces the tenant has claimed, over all clusters; of none that it has
    ///   anything is refused because of them.
    package func refusal(
        tenant name: String,
        cluster: String,
        namespace: String,
        path: String,
        otherNamespaces: Int = 0
    ) -> Refusal? {
        guard let tenant = tenants[name] else {
            let reason =
                refused[name].map { ": \($0.message)" }
                ?? ". It may have been removed from the platform repository."
            return Refusal(
                rule: .unknownTenant,
                message: "Tenant \(name) is not accepted\(reason)",
                origin: path
            )
        }
        guard prefixes.owner(of: namespace)?.owner == name else {
            let wanted = tenant.prefixes.map { "\"\($0)\" or \"\($0)-…\"" }.joined(separator: ", ")
            let owner = prefixes.owner(of: namespace).map { " It belongs to tenant \($0.owner)." } ?? ""
            return Refusal(
                rule: .outsidePrefix,
                message: "Namespace \"\(namespace)\" is outside the prefixes of tenant \(name).\(owner) "
                    + "Rename the directory \(path): \(wanted).",
                origin: path
            )
        }
        guard Self.isNamespaceName(namespace) else {
            return Refusal(
                rule: .outsidePrefix,
                message:
                    "\"\(namespace)\" cannot be the name of a namespace: it may have lower-case letters, digits "
                    + "and hyphens, 63 at most, and neither begins nor ends with a hyphen. Rename the directory \(path).",
                origin: path
            )
        }
        guard tenant.clusters.isEmpty || tenant.clusters.contains(cluster) else {
            return Refusal(
                rule: .clusterNotAllowed,
                message: "Tenant \(name) may not use cluster \(cluster); it may use "
                    + tenant.clusters.joined(separator: ", ") + ".",
                origin: path
            )
        }
        if let quota = tenant.namespaceQuota, otherNamespaces >= quota {
            return Refusal(
                rule: .namespaceQuota,
                message: NamespaceClaims.quotaWords(of: name, quota),
                origin: path
            )
        }
        return nil
    }

    /// Why single objects may not be applied; empty when all may.
    package func refusals(of candidates: [Candidate], tenant name: String, namespace: String) -> [Refusal] {
        guard let tenant = tenants[name] else { return [] }
        var found = candidates.compactMap { refusal(of: $0, tenant: tenant, namespace: namespace) }
        if let quota = tenant.objectQuota, candidates.count > quota {
            found.append(
                Refusal(
                    rule: .objectQuota,
                    message:
                        "The directory makes \(candidates.count) objects; tenant \(name) may have \(quota) in one."
                )
            )
        }
        return found
    }

    private func refusal(of candidate: Candidate, tenant: Tenant, namespace: String) -> Refusal? {
        let object = candidate.object
        let kind = object.kind
        let names = Tenant.names(of: kind, group: object.gvk.group)
        func refuse(_ rule: Refusal.Rule, _ message: String, field: String? = nil) -> Refusal {
            Refusal(
                rule: rule,
                message: message,
                object: object.reference.description,
                origin: candidate.origin,
                field: field
            )
        }

        if names.contains(where: tenant.deniedKinds.contains) {
            return refuse(
                .deniedKind,
                "\(kind) \"\(object.name)\": the platform does not let tenant \(tenant.name) apply this kind."
            )
        }
        guard candidate.isNamespaced else {
            guard !names.contains(where: tenant.allowedKinds.contains) else { return nil }
            if kind == "Namespace", object.gvk.group.isEmpty {
                return refuse(
                    .namespaceKind,
                    "Namespace \"\(object.name)\": namespaces belong to the platform. "
                        + "Remove the object; a directory's namespace is made for it."
                )
            }
            return refuse(
                .clusterScoped,
                "\(kind) \"\(object.name)\" is not in a namespace, so it would reach beyond tenant \(tenant.name). "
                    + "Remove it, or ask the platform team to allow the kind."
            )
        }
        guard object.namespace.isEmpty || object.namespace == namespace else {
            return refuse(
                .otherNamespace,
                "\(kind) \"\(object.name)\" names namespace \"\(object.namespace)\", but its directory delivers to "
                    + "\"\(namespace)\". Leave metadata.namespace out.",
                field: "metadata.namespace"
            )
        }
        guard !tenant.registries.isEmpty else { return nil }
        for image in PodImages.images(of: object)
        where !tenant.registries.contains(where: { image.name.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") })
        {
            return refuse(
                .registry,
                "\(kind) \"\(object.name)\" uses image \"\(image.name)\"; tenant \(tenant.name) may use images of "
                    + tenant.registries.joined(separator: ", ") + ".",
                field: image.field
            )
        }
        return nil
    }
}
