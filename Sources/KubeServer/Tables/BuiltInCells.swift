import KubeModel

/// How the rows of built-in kinds are made, by `group/version/resource` or by group-resource.
enum BuiltInCells {
    typealias Row = @Sendable (Cells) -> [JSON]

    static func row(for definition: ResourceDefinition, columns: [JSON]) -> Row {
        if let row = rows[definition.gvr.groupResource] { return row }
        let names = columns.map { $0["name"]?.string ?? "" }
        return { cells in names.map { generic($0, cells) } }
    }

    /// For kinds whose columns say nothing of their own.
    private static func generic(_ column: String, _ cells: Cells) -> JSON {
        switch column {
        case "Name": cells.name
        case "Age": cells.age
        case "Created At": cells.created
        default: "<unset>"
        }
    }

    private static let rows: [String: Row] = [
        "pods": PodCells.cells,
        "configmaps": { [$0.name, .integer(Int64($0.count("data") + $0.count("binaryData"))), $0.age] },
        "secrets": { [$0.name, .string($0.text("type")), .integer(Int64($0.count("data"))), $0.age] },
        "endpoints": NetworkCells.endpoints,
        "events": ClusterCells.event,
        "events.events.k8s.io": ClusterCells.event,
        "namespaces": ClusterCells.namespace,
        "nodes": ClusterCells.node,
        "persistentvolumeclaims": StorageCells.claim,
        "persistentvolumes": StorageCells.volume,
        "podtemplates": WorkloadCells.podTemplate,
        "replicationcontrollers": WorkloadCells.replicationController,
        "resourcequotas": ClusterCells.quota,
        "services": NetworkCells.service,
        "apiservices.apiregistration.k8s.io": ClusterCells.apiService,
        "controllerrevisions.apps": WorkloadCells.controllerRevision,
        "daemonsets.apps": WorkloadCells.daemonSet,
        "deployments.apps": WorkloadCells.deployment,
        "replicasets.apps": WorkloadCells.replicaSet,
        "statefulsets.apps": WorkloadCells.statefulSet,
        "horizontalpodautoscalers.autoscaling": WorkloadCells.autoscaler,
        "cronjobs.batch": WorkloadCells.cronJob,
        "jobs.batch": WorkloadCells.job,
        "certificatesigningrequests.certificates.k8s.io": ClusterCells.signingRequest,
        "ingressclasses.networking.k8s.io": NetworkCells.ingressClass,
        "ingresses.networking.k8s.io": NetworkCells.ingress,
        "ipaddresses.networking.k8s.io": NetworkCells.address,
        "networkpolicies.networking.k8s.io": NetworkCells.networkPolicy,
        "servicecidrs.networking.k8s.io": NetworkCells.serviceCIDR,
        "poddisruptionbudgets.policy": ClusterCells.disruptionBudget,
        "clusterrolebindings.rbac.authorization.k8s.io": ClusterCells.binding,
        "rolebindings.rbac.authorization.k8s.io": ClusterCells.binding,
        "csidrivers.storage.k8s.io": StorageCells.csiDriver,
        "csinodes.storage.k8s.io": { [$0.name, .integer(Int64($0.count("spec", "drivers"))), $0.age] },
        "storageclasses.storage.k8s.io": StorageCells.storageClass,
        "volumeattachments.storage.k8s.io": StorageCells.attachment,
        "volumeattributesclasses.storage.k8s.io": { [$0.name, .string($0.text("driverName")), $0.age] },
        "mutatingwebhookconfigurations.admissionregistration.k8s.io": {
            [$0.name, .integer(Int64($0.count("webhooks"))), $0.age]
        },
        "validatingwebhookconfigurations.admissionregistration.k8s.io": {
            [$0.name, .integer(Int64($0.count("webhooks"))), $0.age]
        },
        "validatingadmissionpolicies.admissionregistration.k8s.io": {
            [$0.name, .integer(Int64($0.count("spec", "validations"))), parameterKind($0), $0.age]
        },
        "mutatingadmissionpolicies.admissionregistration.k8s.io": {
            [$0.name, .integer(Int64($0.count("spec", "mutations"))), parameterKind($0), $0.age]
        },
        "validatingadmissionpolicybindings.admissionregistration.k8s.io": policyBinding,
        "mutatingadmissionpolicybindings.admissionregistration.k8s.io": policyBinding,
        "priorityclasses.scheduling.k8s.io": ClusterCells.priorityClass,
        "leases.coordination.k8s.io": { [$0.name, .string($0.text("spec", "holderIdentity")), $0.age] },
        "runtimeclasses.node.k8s.io": { [$0.name, .string($0.text("handler")), $0.age] },
        "endpointslices.discovery.k8s.io": NetworkCells.endpointSlice,
        "resourceclaims.resource.k8s.io": ClusterCells.claimState,
        "resourceslices.resource.k8s.io": {
            [
                $0.name, Cells.orNone($0.text("spec", "nodeName")), .string($0.text("spec", "driver")),
                .string($0.text("spec", "pool", "name")), $0.age,
            ]
        },
        "flowschemas.flowcontrol.apiserver.k8s.io": { cells in
            let method = cells.text("spec", "distinguisherMethod", "type")
            let dangling = cells.object.condition("Dangling")?.status ?? "?"
            return [
                cells.name, .string(cells.text("spec", "priorityLevelConfiguration", "name")),
                cells.number("spec", "matchingPrecedence"), Cells.orNone(method), cells.age,
                .string(dangling),
            ]
        },
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": priorityLevel,
    ]

    private static let parameterKind: @Sendable (Cells) -> JSON = { cells in
        guard let kind = cells.at("spec", "paramKind") else { return "<unset>" }
        return .string("\(kind["apiVersion"]?.string ?? "")/\(kind["kind"]?.string ?? "")")
    }

    private static let policyBinding: Row = { cells in
        var reference = "<unset>"
        if let given = cells.at("spec", "paramRef") {
            let namespace = given["namespace"]?.string ?? "*"
            let name = given["name"]?.string ?? Cells.selector(given["selector"])
            reference = "\(namespace)/\(name)"
        }
        return [cells.name, .string(cells.text("spec", "policyName")), .string(reference), cells.age]
    }

    private static let priorityLevel: Row = { cells in
        func number(_ path: String...) -> JSON {
            cells.object.json.at(["spec", "limited"] + path)?.int.map { .integer(Int64($0)) } ?? "<none>"
        }
        return [
            cells.name, .string(cells.text("spec", "type")), number("nominalConcurrencyShares"),
            number("limitResponse", "queuing", "queues"), number("limitResponse", "queuing", "handSize"),
            number("limitResponse", "queuing", "queueLengthLimit"), cells.age,
        ]
    }
}
