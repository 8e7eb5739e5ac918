import KubeModel
import KubernetesData

/// The data files about Kubernetes 1.36 that are compiled into the binary, read once.
enum KubernetesFacts {
    /// Aggregated discovery of `/api` and `/apis`.
    static let discovery: [JSON] = {
        let core = read(varde_kubernetes_discovery_api, varde_kubernetes_discovery_api_size)
        let groups = read(varde_kubernetes_discovery_apis, varde_kubernetes_discovery_apis_size)
        return (core["items"]?.array ?? []) + (groups["items"]?.array ?? [])
    }()

    /// Component schemas of the OpenAPI documents, by name.
    static let schemas: JSONObject =
        read(varde_kubernetes_schemas, varde_kubernetes_schemas_size).object ?? [:]

    /// Columns of the Table representation, by `group/version/resource`.
    static let printerColumns: JSONObject =
        read(varde_kubernetes_printer_columns, varde_kubernetes_printer_columns_size).object ?? [:]

    private static func read(_ start: UnsafePointer<UInt8>, _ size: Int) -> JSON {
        do {
            return try JSON.parse(UnsafeBufferPointer(start: start, count: size))
        } catch {
            // The files are part of the binary: a mistake in them is one of the build.
            fatalError("a data file of this program is broken: \(error)")
        }
    }
}
