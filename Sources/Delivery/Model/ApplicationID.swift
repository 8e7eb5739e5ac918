/// Names one application: what one directory delivers to one namespace of one cluster.
///
/// Written `<tenant>/<cluster>.<namespace>`.
package struct ApplicationID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var tenant: String
    package var cluster: String
    package var namespace: String

    package init(tenant: String, cluster: String, namespace: String) {
        self.tenant = tenant
        self.cluster = cluster
        self.namespace = namespace
    }

    /// From `<tenant>/<cluster>.<namespace>`; cluster names have no dots.
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/"), let dot = text[slash...].firstIndex(of: ".") else {
            return nil
        }
        tenant = String(text[..<slash])
        cluster = String(text[text.index(after: slash)..<dot])
        namespace = String(text[text.index(after: dot)...])
        guard !tenant.isEmpty, !cluster.isEmpty, !namespace.isEmpty else { return nil }
    }

    /// The name of its `Application` object in the admin cluster: `<cluster>.<namespace>`.
    package var objectName: String { "\(cluster).\(namespace)" }
    package var description: String { "\(tenant)/\(cluster).\(namespace)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.tenant, left.cluster, left.namespace) < (right.tenant, right.cluster, right.namespace)
    }
}
