import KubeModel

extension JSON {
    /// The same object with the members of its first levels in the order in which Kubernetes writes them, for
    /// people who read answers and programs that compare texts.
    ///
    /// Only for writing: lookups need the sorted form.
    func inAPIOrder() -> JSON {
        guard case .object(let object) = self else { return self }
        let first = object["kind"]?.string == "Status" ? Self.statusOrder : Self.objectOrder
        var ordered = object.reordered(first: first)
        if var metadata = object["metadata"]?.object {
            if let managers = metadata["managedFields"]?.array {
                metadata["managedFields"] = .array(
                    managers.map { .object(($0.object ?? [:]).reordered(first: Self.managerOrder)) }
                )
            }
            ordered = ordered.replacing(
                "metadata",
                with: .object(metadata.reordered(first: Self.metadataOrder))
            )
        }
        if let details = object["details"]?.object, object["kind"]?.string == "Status" {
            ordered = ordered.replacing("details", with: .object(details.reordered(first: Self.detailsOrder)))
        }
        return .object(ordered)
    }

    private static let objectOrder = ["kind", "apiVersion", "metadata"]
    private static let statusOrder = [
        "kind", "apiVersion", "metadata", "status", "message", "reason", "details", "code",
    ]
    private static let detailsOrder = ["name", "group", "kind", "uid", "causes", "retryAfterSeconds"]
    private static let managerOrder = [
        "manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource",
    ]
    private static let metadataOrder = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
        "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences",
        "finalizers",
        "managedFields",
    ]
}

extension JSONObject {
    fileprivate func reordered(first: [String]) -> JSONObject {
        var keys: [String] = []
        var values: [JSON] = []
        keys.reserveCapacity(count)
        values.reserveCapacity(count)
        for key in first {
            guard let value = self[key] else { continue }
            keys.append(key)
            values.append(value)
        }
        for (key, value) in self where !first.contains(key) {
            keys.append(key)
            values.append(value)
        }
        return JSONObject(sortedKeys: keys, values: values)
    }

    /// Replaces a value in an object whose keys are not sorted.
    fileprivate func replacing(_ key: String, with value: JSON) -> JSONObject {
        guard let place = keys.firstIndex(of: key) else { return self }
        var values = values
        values[place] = value
        return JSONObject(sortedKeys: keys, values: values)
    }
}
