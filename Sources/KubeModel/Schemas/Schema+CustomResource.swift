extension Schema {
    /// The schema of a custom resource, for merging and for the tracking of field ownership.
    ///
    /// - Parameters:
    ///   - openAPIV3Schema: `spec.versions[*].schema.openAPIV3Schema` of the definition. What is not a structural schema
    ///     is read as far as it goes.
    ///   - objectMeta: The schema of `metadata`: ``SchemaCatalog/objectMeta``.
    package static func customResource(openAPIV3Schema json: JSON, objectMeta: Schema) -> Schema {
        var builder = SchemaBuilder()
        let schema = builder.schema(of: json, preservesUnknown: false)
        guard schema.allowsMap else { return .deduced }
        schema.setField("apiVersion", .scalar(.string))
        schema.setField("kind", .scalar(.string))
        schema.setField("metadata", objectMeta)
        return schema
    }

    private func setField(_ name: String, _ field: Schema) {
        if let place = fieldNames.firstIndex(of: name) {
            fields[place] = field
        } else {
            let place = fieldNames.firstIndex { name < $0 } ?? fieldNames.count
            fieldNames.insert(name, at: place)
            fields.insert(field, at: place)
        }
    }
}
