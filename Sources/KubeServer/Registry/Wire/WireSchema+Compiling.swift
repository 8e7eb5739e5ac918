import KubeModel

/// What OpenAPI does not say of Go's structures: which optional scalars are pointers and keep their zero, and
/// which are not and lose it; which times are always written.
///
/// From the Kubernetes API's reference.
private enum GoFacts {
    /// Optional numbers and booleans that are not pointers.
    static let plainScalars: Set<String> = [
        "active", "authenticated", "availableReplicas", "bindsToNode", "chapAuthDiscovery", "chapAuthSession",
        "clusterScope", "code", "count", "currentReplicas", "denied", "deprecated", "deprecatedCount",
        "exclusiveMaximum", "exclusiveMinimum", "failed", "failureThreshold", "fullyLabeledReplicas",
        "generation",
        "globalDefault", "healthCheckNodePort", "hostIPC", "hostNetwork", "hostPID", "hostPort",
        "initialDelaySeconds", "insecureSkipTLSVerify", "minReadySeconds", "nodePort", "nullable", "number",
        "numberAvailable", "numberUnavailable", "observedGeneration", "paused", "periodSeconds",
        "publishNotReadyAddresses", "preserveUnknownFields", "readOnly", "readyReplicas", "retryAfterSeconds",
        "signal", "sizeBytes", "sslEnabled", "stdin", "stdinOnce", "succeeded", "successThreshold", "tty",
        "unavailableReplicas", "uniqueItems", "unschedulable", "updatedNumberScheduled", "updatedReplicas",
        "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string",
    ]
    /// Names that are plain in some structures and pointers in others.
    static let plainMembers: Set<String> = [
        "Probe.timeoutSeconds", "CustomResourceColumnDefinition.priority", "DeploymentStatus.replicas",
        "AWSElasticBlockStoreVolumeSource.partition", "GCEPersistentDiskVolumeSource.partition",
    ]
    static let pointerMembers: Set<String> = [
        "StatefulSetStatus.collisionCount", "ExactDeviceRequest.count", "AzureDiskVolumeSource.readOnly",
    ]
    /// Optional texts that are pointers.
    static let pointerTexts: Set<String> = [
        "storageClassName", "volumeMode", "timeZone", "ingressClassName", "runtimeClassName",
        "loadBalancerClass",
        "appProtocol", "volumeAttributesClassName", "holderIdentity", "preferredHolder", "localhostProfile",
        "gmsaCredentialSpec", "gmsaCredentialSpecName", "runAsUserName", "managedBy", "minCompatibilityMajor",
        "url", "preemptionPolicy", "completionMode", "hostnameOverride", "currentVolumeAttributesClassName",
        "targetVolumeAttributesClassName", "procMount", "trafficDistribution", "supplementalGroupsPolicy",
    ]
    static let pointerTextMembers: Set<String> = [
        "HostPathVolumeSource.type", "TypedLocalObjectReference.apiGroup", "TypedObjectReference.apiGroup",
        "EndpointPort.name", "Endpoint.nodeName", "Endpoint.zone", "Endpoint.hostname", "GRPCAction.service",
        "LeaseSpec.strategy", "HTTPIngressPath.pathType", "ServiceReference.path", "HTTPHeader.value",
        "IngressClassParametersReference.apiGroup", "IngressClassParametersReference.namespace",
        "IngressClassParametersReference.scope",
    ]
    static let plainTextMembers: Set<String> = ["PersistentVolumeSpec.storageClassName"]
    /// Members with a default in OpenAPI that are left out when empty all the same.
    static let omittedDefaults: Set<String> = [
        "LocalObjectReference.name", "ConfigMapEnvSource.name", "ConfigMapKeySelector.name",
        "ConfigMapProjection.name", "ConfigMapVolumeSource.name", "SecretEnvSource.name",
        "SecretKeySelector.name",
        "SecretProjection.name", "ScaleSpec.replicas", "FileKeySelector.optional", "NodeRuntimeHandler.name",
        "ReplicationControllerSpec.minReadySeconds",
    ]
    /// Times that are not pointers: null when there is none.
    static let writtenTimes: Set<String> = [
        "lastTransitionTime", "lastProbeTime", "lastUpdateTime", "startedAt", "finishedAt",
        "lastHeartbeatTime",
        "firstTimestamp", "lastTimestamp", "eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp",
        "lastObservedTime", "expirationTimestamp",
    ]
    /// Lists without `omitempty`.
    static let writtenLists: Set<String> = [
        "Role.rules", "ClusterRole.rules", "CustomResourceDefinitionStatus.conditions",
        "CustomResourceDefinitionStatus.storedVersions", "EndpointSlice.endpoints", "EndpointSlice.ports",
    ]
}

extension WireSchema {
    /// From the component schemas of the data files.
    init(components: JSONObject) {
        objects = []
        byComponent = [:]
        byKind = [:]
        for (name, schema) in components where schema["properties"] != nil {
            byComponent[name] = objects.count
            let parts = name.split(separator: ".")
            let short = String(parts.last ?? "")
            let package = parts.count > 1 ? String(parts[parts.count - 2]) : ""
            objects.append(
                WireObject(name: short, qualifiedName: "\(package).\(short)", keys: [], fields: [])
            )
        }
        for (name, schema) in components {
            guard let index = byComponent[name] else { continue }
            compile(schema, into: index)
            for kind in schema["x-kubernetes-group-version-kind"]?.array ?? [] {
                let gvk = GroupVersionKind(
                    group: kind["group"]?.string ?? "",
                    version: kind["version"]?.string ?? "",
                    kind: kind["kind"]?.string ?? ""
                )
                // Kinds of every group (DeleteOptions, Status, WatchEvent) are found once; any of them will do.
                byKind[gvk] = index
            }
        }
        var zeroes: [Int: JSON] = [:]
        for index in objects.indices { _ = zero(of: index, &zeroes) }
    }

    private mutating func compile(_ schema: JSON, into index: Int) {
        let owner = objects[index].name
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        var fields: [WireField] = []
        for (key, property) in schema["properties"]?.object ?? [:] {
            let type = self.type(of: property)
            let absence = Self.absence(
                of: key,
                in: owner,
                type: type,
                default: property["default"],
                isRequired: required.contains(key)
            )
            fields.append(WireField(key: key, type: type, absence: absence))
        }
        objects[index].keys = fields.map(\.key)
        objects[index].fields = fields
    }

    private func type(of schema: JSON) -> WireType {
        if let reference = schema["$ref"]?.string ?? schema["allOf"]?[0]?["$ref"]?.string {
            let component = String(reference.dropFirst("#/components/schemas/".count))
            if let index = byComponent[component] { return .object(index) }
            return switch component.split(separator: ".").last {
            case "Quantity": .quantity
            case "Time": .time
            case "MicroTime": .microTime
            case "IntOrString": .intOrString
            default: .any
            }
        }
        switch schema["type"]?.string {
        case "string": return schema["format"]?.string == "byte" ? .bytes : .string
        case "integer": return .integer(bits: schema["format"]?.string == "int64" ? 64 : 32)
        case "number": return .number
        case "boolean": return .bool
        case "array": return .array(schema["items"].map { type(of: $0) } ?? .any)
        case "object": return schema["additionalProperties"].map { .map(type(of: $0)) } ?? .any
        default: return .any
        }
    }

    private static func absence(
        of key: String,
        in owner: String,
        type: WireType,
        default value: JSON?,
        isRequired: Bool
    ) -> WireField.Absence {
        let member = "\(owner).\(key)"
        switch type {
        case .array, .map, .any:
            return GoFacts.writtenLists.contains(member) ? .write(.null) : .omit
        case .object:
            return value == [:] ? .write([:]) : .omit
        case .time, .microTime:
            // A Condition of the meta group is the same in Go; validation asks for its time.
            return GoFacts.writtenTimes.contains(key) ? .write(.null) : .omit
        case .bytes: return .omitZero
        case .quantity: return member == "ResourceFieldSelector.divisor" ? .write("0") : .omit
        case .intOrString: return .omit
        case .string, .integer, .number, .bool: break
        }
        if GoFacts.omittedDefaults.contains(member) { return .omitZero }
        if let value { return .write(value) }
        if isRequired { return .omit }
        switch type {
        case .string:
            let isPointer =
                GoFacts.pointerTextMembers.contains(member)
                || (GoFacts.pointerTexts.contains(key) && !GoFacts.plainTextMembers.contains(member))
            return isPointer ? .omit : .omitZero
        default:
            let isPlain =
                GoFacts.plainMembers.contains(member)
                || (GoFacts.plainScalars.contains(key) && !GoFacts.pointerMembers.contains(member))
                || (owner.hasSuffix("Status") && key == "replicas")
            return isPlain ? .omitZero : .omit
        }
    }

    /// What an empty structure is written as; also sets it as the absence of members that are structures.
    private mutating func zero(of index: Int, _ known: inout [Int: JSON]) -> JSON {
        if let value = known[index] { return value }
        known[index] = [:]
        var result = JSONObject()
        for position in objects[index].fields.indices {
            guard case .write(var value) = objects[index].fields[position].absence else { continue }
            if case .object(let child) = objects[index].fields[position].type {
                value = zero(of: child, &known)
                objects[index].fields[position].absence = .write(value)
            }
            result[objects[index].fields[position].key] = value
        }
        known[index] = .object(result)
        return .object(result)
    }
}
