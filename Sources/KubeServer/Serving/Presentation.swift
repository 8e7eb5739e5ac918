import KubeModel

/// Turns objects into what a client asked for: themselves, rows of a Table, or their metadata only.
struct Presentation: Sendable {
    enum Included: String, Sendable { case none = "None", metadata = "Metadata", object = "Object" }

    let definition: ResourceDefinition
    let form: Representation.Form
    let printer: TablePrinter
    let included: Included

    /// - Throws: `StatusError` 406 when the form does not fit.
    func object(_ object: KubeObject) throws -> JSON {
        switch form {
        case .object: return object.json
        case .metadata(let version): return Self.metadata(of: object, version: version)
        case .metadataList:
            throw Self.wrongShape(
                "you requested PartialObjectMetadataList, but the requested object is not a list (\(goType("")))"
            )
        case .table(let version):
            let metadata: JSON = ["resourceVersion": .string(object.resourceVersion)]
            return table([object], metadata: metadata, version: version, columns: true)
        }
    }

    /// - Parameter metadata: Of the list.
    /// - Throws: `StatusError` 406 when the form does not fit.
    func list(_ objects: [KubeObject], metadata: JSON) throws -> ObjectList {
        var list = ObjectList(
            head: ["metadata": metadata],
            member: "items",
            objects: objects,
            order: .structure,
            item: { $0.json },
            write: { $1 += $0.bytes ?? $0.json.encoded(order: .name) }
        )
        switch form {
        case .object:
            list.head["kind"] = .string(definition.kind + "List")
            list.head["apiVersion"] = .string(definition.gvr.apiVersion)
            if definition.isCustom {
                list.order = .name
            } else {
                list.item = Self.bare
                list.write = Self.writeBare
            }
        case .metadata:
            throw Self.wrongShape(
                "you requested PartialObjectMetadata, but the requested object is a list (\(goType("List")))"
            )
        case .metadataList(let version):
            list.head["kind"] = "PartialObjectMetadataList"
            list.head["apiVersion"] = .string("meta.k8s.io/\(version)")
            list.item = { Self.metadata(of: $0, version: version) }
            list.write = { Self.writeMetadata(of: $0, version: version, into: &$1) }
        case .table(let version):
            list.head["kind"] = "Table"
            list.head["apiVersion"] = .string("meta.k8s.io/\(version)")
            list.head["columnDefinitions"] = .array(printer.columns)
            list.member = "rows"
            list.item = { row(of: $0, version: version) }
            list.write = { writeRow(of: $0, version: version, into: &$1) }
        }
        return list
    }

    /// An object within a watch.
    ///
    /// - Parameter isFirst: The first Table of a watch has columns, later ones do not.
    func event(_ object: KubeObject, isFirst: Bool) -> KubeObject {
        switch form {
        case .object: return object
        case .metadata(let version), .metadataList(let version):
            return KubeObject(Self.metadata(of: object, version: version))
        case .table(let version):
            let metadata: JSON = ["resourceVersion": .string(object.resourceVersion)]
            return KubeObject(table([object], metadata: metadata, version: version, columns: isFirst))
        }
    }

    /// What a write answered: an object, a list, or a Status, which has only one form.
    func result(_ body: JSON) throws -> JSON {
        guard form != .object, body["kind"]?.string != "Status" else { return body }
        if let items = body["items"]?.array, body["kind"]?.string == definition.kind + "List" {
            return try list(items.map { KubeObject($0) }, metadata: body["metadata"] ?? [:]).json
        }
        return try object(KubeObject(body))
    }

    private func table(
        _ objects: some Sequence<KubeObject>,
        metadata: JSON,
        version: String,
        columns: Bool
    ) -> JSON {
        let rows = objects.map { row(of: $0, version: version) }
        return [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
            "columnDefinitions": .array(columns ? printer.columns : []), "rows": .array(rows),
        ]
    }

    private func row(of object: KubeObject, version: String) -> JSON {
        var row: JSON = ["cells": .array(printer.cells(of: object))]
        switch included {
        case .none: break
        case .metadata: row["object"] = Self.metadata(of: object, version: version)
        case .object: row["object"] = object.json
        }
        return row
    }

    private func writeRow(of object: KubeObject, version: String, into bytes: inout [UInt8]) {
        bytes += Array("{\"cells\":".utf8)
        // Columns of a custom resource may show any field, those of built-in kinds never show managers.
        let shown = definition.isCustom ? object.unpacked : object.unpackedWithoutManagedFields
        bytes += JSON.array(printer.cells(of: shown)).encoded()
        switch included {
        case .none: break
        case .metadata:
            bytes += Array(",\"object\":".utf8)
            Self.writeMetadata(of: object, version: version, into: &bytes)
        case .object:
            bytes += Array(",\"object\":".utf8) + (object.bytes ?? object.json.encoded(order: .structure))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func writeMetadata(of object: KubeObject, version: String, into bytes: inout [UInt8]) {
        guard let metadata = object.bytes(of: "metadata") else {
            bytes += Self.metadata(of: object, version: version).encoded(order: .structure)
            return
        }
        let start =
            "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/\(version)\",\"metadata\":"
        bytes += Array(start.utf8)
        bytes += metadata
        bytes.append(UInt8(ascii: "}"))
    }

    private static func writeBare(_ object: KubeObject, into bytes: inout [UInt8]) {
        guard let rest = object.bareBytes else {
            bytes += bare(object).encoded(order: .structure)
            return
        }
        bytes.append(UInt8(ascii: "{"))
        bytes += rest
    }

    private static func metadata(of object: KubeObject, version: String) -> JSON {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": object.metadata,
        ]
    }

    /// An item of a list of a built-in kind, which names neither kind nor version.
    private static func bare(_ object: KubeObject) -> JSON {
        guard case .object(var members) = object.json else { return object.json }
        members["kind"] = nil
        members["apiVersion"] = nil
        return .object(members)
    }

    private static func wrongShape(_ message: String) -> StatusError {
        StatusError(code: 406, reason: "NotAcceptable", message: message)
    }

    /// How Kubernetes' messages name the type.
    private func goType(_ suffix: String) -> String {
        if definition.isCustom { return "*unstructured.Unstructured\(suffix)" }
        let group = definition.gvr.group
        let package =
            group.isEmpty || group == "events.k8s.io" ? "core" : String(group.split(separator: ".")[0])
        return "*\(package).\(definition.kind)\(suffix)"
    }
}
