import Foundation
import KubeModel

/// What the tests of this target share: the built-in schemas and a way to write objects down as YAML.
enum Fixture {
    /// The data file of this package, read where it lies.
    static let catalog: SchemaCatalog = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "Sources/KubernetesData/files/schemas.json")
        do {
            return try SchemaCatalog(bytes: Array(Data(contentsOf: file)))
        } catch {
            fatalError("cannot read \(file.path): \(error)")
        }
    }()

    static func schema(_ apiVersion: String, _ kind: String) -> Schema {
        guard let schema = catalog.schema(of: GroupVersionKind(apiVersion: apiVersion, kind: kind)) else {
            fatalError("no schema of \(apiVersion) \(kind)")
        }
        return schema
    }

    static func json(_ yaml: String) throws -> JSON {
        try YAML.documents(Array(yaml.utf8)).first?.value ?? .null
    }

    static func object(_ yaml: String) throws -> KubeObject { KubeObject(try json(yaml)) }
}
