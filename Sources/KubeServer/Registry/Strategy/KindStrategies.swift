import KubeModel

/// The strategies of the built-in kinds, by group-resource.
enum KindStrategies {
    static func strategy(for resource: String, hasStatus: Bool) -> KindStrategy {
        if let strategy = table[resource] { return strategy }
        var strategy = KindStrategy()
        if hasStatus { strategy.initialStatus = [:] }
        return strategy
    }

    private static let table: [String: KindStrategy] = {
        var table: [String: KindStrategy] = [:]
        for group in [core, workloads, revisions, batch, policies, access, storage, extensions, other] {
            table.merge(group) { _, last in last }
        }
        return table
    }()

    static func make(_ change: (inout KindStrategy) -> Void) -> KindStrategy {
        var strategy = KindStrategy()
        change(&strategy)
        return strategy
    }

    // MARK: Core

    private static let core: [String: KindStrategy] = [
        "configmaps": make {
            $0.validate = ConfigurationValidation.configMap
            $0.validateUpdate = ConfigurationValidation.immutableUpdate
        },
        "secrets": make {
            $0.defaults = ConfigurationDefaults.secret
            $0.validate = ConfigurationValidation.secret
            $0.validateUpdate = ConfigurationValidation.secretUpdate
        },
        "namespaces": make {
            $0.names = .label
            $0.initialStatus = ["phase": "Active"]
            $0.defaults = ConfigurationDefaults.namespace
            $0.prepareForCreate = NamespacePreparation.create
            $0.prepareForUpdate = NamespacePreparation.update
            $0.validateNew = ConfigurationValidation.newNamespace
            $0.validateStatus = { object, _ in ConfigurationValidation.namespaceStatus(object) }
        },
        "pods": podStrategy,
        "podtemplates": make {
            $0.generation = .content
            $0.defaults = WorkloadDefaults.podTemplate
            $0.validate = { PodValidation.template($0["template"] ?? [:], FieldPath("template")) }
        },
        "services": make {
            $0.names = .label
            $0.deleteAnswer = .object
            $0.creation = .alsoByPut
            $0.initialStatus = ["loadBalancer": [:]]
            $0.defaults = ServiceDefaults.service
            $0.prepareForCreate = ServicePreparation.create
            $0.prepareForUpdate = ServicePreparation.update
            $0.validate = ServiceValidation.service
            $0.validateUpdate = ServiceValidation.serviceUpdate
            $0.validateStatus = StatusValidation.service
        },
        "serviceaccounts": make { $0.deleteAnswer = .object },
        "endpoints": make {
            $0.creation = .alsoByPut
            $0.defaults = ServiceDefaults.endpoints
            $0.validate = NetworkValidation.endpoints
        },
        "nodes": make {
            $0.initialStatus = [:]
            $0.newStatus = .kept
            $0.defaults = ConfigurationDefaults.node
            $0.prepareForCreate = NodePreparation.create
            $0.validate = NodeValidation.node
            $0.validateUpdate = NodeValidation.update
        },
        "persistentvolumeclaims": make {
            $0.deleteAnswer = .object
            $0.initialStatus = ["phase": "Pending"]
            $0.defaults = VolumeClaimDefaults.claim
            $0.prepareForCreate = ClaimPreparation.create
            $0.validate = StorageValidation.claim
            $0.validateUpdate = StorageValidation.claimUpdate
            $0.revalidatesOnUpdate = false
        },
        "persistentvolumes": make {
            $0.deleteAnswer = .object
            $0.initialStatus = ["phase": "Pending"]
            $0.defaults = VolumeClaimDefaults.volume
            $0.prepareForCreate = VolumePreparation.create
            $0.prepareForStatusUpdate = VolumePreparation.updateStatus
            $0.validate = PersistentVolumeValidation.validate
            $0.validateUpdate = PersistentVolumeValidation.update
        },
        "replicationcontrollers": make {
            $0.generation = .content
            $0.dependents = .orphaned
            $0.initialStatus = ["replicas": 0]
            $0.defaults = WorkloadDefaults.replicationController
            $0.validate = WorkloadValidation.replicationController
        },
        "resourcequotas": make {
            $0.deleteAnswer = .object
            $0.initialStatus = [:]
            $0.validate = LimitValidation.quota
            $0.validateUpdate = LimitValidation.quotaUpdate
            $0.validateStatus = StatusValidation.quota
        },
        "limitranges": make {
            $0.creation = .alsoByPut
            $0.defaults = ConfigurationDefaults.limitRange
            $0.validate = LimitValidation.range
        },
        "events": make {
            $0.creation = .alsoByPut
            $0.validate = PolicyValidation.coreEvent
            $0.revalidatesOnUpdate = false
        },
        "events.events.k8s.io": make {
            $0.creation = .alsoByPut
            $0.validate = PolicyValidation.newEvent
            $0.revalidatesOnUpdate = false
        },
    ]

    private static let podStrategy = make {
        $0.generation = .content
        $0.deleteAnswer = .object
        $0.initialStatus = ["phase": "Pending"]
        $0.defaults = PodDefaults.apply(toPod:)
        $0.prepareForCreate = PodPreparation.create
        $0.prepareForUpdate = PodPreparation.update
        $0.validate = PodValidation.pod
        $0.validateNew = PodValidation.newPod
        $0.validateUpdate = PodValidation.podUpdate
        $0.validateStatus = StatusValidation.pod
        $0.revalidatesOnUpdate = false
        $0.warnings = PodWarnings.pod
    }

    // MARK: Workloads

    private static let workloads: [String: KindStrategy] = [
        "deployments.apps": make {
            $0.generation = .contentAndAnnotations
            $0.initialStatus = [:]
            $0.defaults = WorkloadDefaults.deployment
            $0.validate = WorkloadValidation.deployment
            $0.validateUpdate = WorkloadValidation.deploymentUpdate
            $0.validateStatus = { object, _ in WorkloadValidation.deploymentStatus(object) }
            $0.warnings = PodWarnings.template
        },
        "replicasets.apps": make {
            $0.generation = .content
            $0.initialStatus = ["replicas": 0]
            $0.defaults = WorkloadDefaults.replicaSet
            $0.validate = WorkloadValidation.replicaSet
            $0.validateUpdate = WorkloadValidation.selectorUpdate
            $0.validateStatus = { object, _ in WorkloadValidation.replicaSetStatus(object) }
            $0.warnings = PodWarnings.template
        },
        "statefulsets.apps": make {
            $0.generation = .content
            $0.initialStatus = ["replicas": 0, "availableReplicas": 0]
            $0.defaults = WorkloadDefaults.statefulSet
            $0.validate = WorkloadValidation.statefulSet
            $0.validateNew = WorkloadValidation.newStatefulSet
            $0.validateUpdate = WorkloadValidation.statefulSetUpdate
            $0.validateStatus = { object, _ in WorkloadValidation.statefulSetStatus(object) }
            $0.warnings = PodWarnings.template
        },
        "daemonsets.apps": make {
            $0.generation = .content
            $0.initialStatus = [
                "currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0,
                "numberReady": 0,
            ]
            $0.defaults = WorkloadDefaults.daemonSet
            $0.prepareForCreate = DaemonSetPreparation.create
            $0.prepareForUpdate = DaemonSetPreparation.update
            $0.validate = WorkloadValidation.daemonSet
            $0.validateUpdate = WorkloadValidation.selectorUpdate
            $0.validateStatus = StatusValidation.daemonSet
            $0.warnings = PodWarnings.template
        },
    ]

    private static let batch: [String: KindStrategy] = [
        "jobs.batch": make {
            $0.generation = .content
            $0.dependents = .orphaned
            $0.initialStatus = [:]
            $0.defaults = WorkloadDefaults.job
            $0.prepareForCreate = JobPreparation.create
            $0.validate = BatchValidation.job
            $0.validateUpdate = BatchValidation.jobUpdate
            $0.validateStatus = StatusValidation.job
            $0.warnings = PodWarnings.template
        },
        "cronjobs.batch": make {
            $0.generation = .content
            $0.initialStatus = [:]
            $0.defaults = WorkloadDefaults.cronJob
            $0.validate = BatchValidation.cronJob
            $0.warnings = PodWarnings.cronJob
        },
        "horizontalpodautoscalers.autoscaling": make {
            $0.initialStatus = ["desiredReplicas": 0, "currentMetrics": .null]
            $0.defaults = WorkloadDefaults.horizontalPodAutoscaler
            $0.validate = PolicyValidation.autoscaler
            $0.validateStatus = StatusValidation.autoscaler
        },
    ]

    // MARK: Policies

    private static let policies: [String: KindStrategy] = [
        "poddisruptionbudgets.policy": make {
            $0.generation = .content
            $0.update = .needsVersion
            $0.initialStatus = [
                "currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0,
            ]
            $0.validate = PolicyValidation.disruptionBudget
            $0.validateStatus = StatusValidation.disruptionBudget
        },
        "ingresses.networking.k8s.io": make {
            $0.generation = .content
            $0.initialStatus = ["loadBalancer": [:]]
            $0.validate = IngressValidation.ingress
            $0.validateNew = IngressValidation.newIngress
        },
        "ingressclasses.networking.k8s.io": make {
            $0.generation = .content
            $0.defaults = ConfigurationDefaults.ingressClass
            $0.validate = IngressValidation.ingressClass
            $0.validateUpdate = IngressValidation.ingressClassUpdate
        },
        "networkpolicies.networking.k8s.io": make {
            $0.generation = .content
            $0.defaults = ServiceDefaults.networkPolicy
            $0.validate = NetworkValidation.policy
        },
        "endpointslices.discovery.k8s.io": make {
            $0.generation = .content
            $0.defaults = ServiceDefaults.endpointSlice
            $0.validate = NetworkValidation.endpointSlice
            $0.validateUpdate = NetworkValidation.endpointSliceUpdate
        },
        "priorityclasses.scheduling.k8s.io": make {
            $0.generation = .content
            $0.creation = .alsoByPut
            $0.defaults = ConfigurationDefaults.priorityClass
            $0.validate = ConfigurationValidation.priorityClass
            $0.validateUpdate = ConfigurationValidation.priorityClassUpdate
        },
        "leases.coordination.k8s.io": make {
            $0.update = .needsVersion
            $0.creation = .alsoByPut
            $0.validate = ConfigurationValidation.lease
        },
    ]

    private static let access: [String: KindStrategy] = [
        "roles.rbac.authorization.k8s.io": make {
            $0.names = .pathSegment
            $0.creation = .alsoByPut
            $0.validate = AccessValidation.role
        },
        "clusterroles.rbac.authorization.k8s.io": make {
            $0.names = .pathSegment
            $0.creation = .alsoByPut
            $0.validate = AccessValidation.clusterRole
        },
        "rolebindings.rbac.authorization.k8s.io": make {
            $0.names = .pathSegment
            $0.creation = .alsoByPut
            $0.defaults = ConfigurationDefaults.roleBinding
            $0.validate = AccessValidation.roleBinding
            $0.validateUpdate = AccessValidation.bindingUpdate
        },
        "clusterrolebindings.rbac.authorization.k8s.io": make {
            $0.names = .pathSegment
            $0.creation = .alsoByPut
            $0.defaults = ConfigurationDefaults.roleBinding
            $0.validate = AccessValidation.clusterRoleBinding
            $0.validateUpdate = AccessValidation.bindingUpdate
        },
    ]

    private static let storage: [String: KindStrategy] = [
        "storageclasses.storage.k8s.io": make {
            $0.deleteAnswer = .object
            $0.defaults = ConfigurationDefaults.storageClass
            $0.validate = StorageClassValidation.storageClass
            $0.validateUpdate = StorageClassValidation.storageClassUpdate
        },
        "csidrivers.storage.k8s.io": make {
            $0.deleteAnswer = .object
            $0.generation = .content
            $0.defaults = ConfigurationDefaults.csiDriver
            $0.validate = StorageClassValidation.driver
            $0.validateUpdate = StorageClassValidation.driverUpdate
        },
        "csinodes.storage.k8s.io": make {
            $0.deleteAnswer = .object
            $0.validate = StorageClassValidation.node
        },
        "csistoragecapacities.storage.k8s.io": make {
            $0.validate = StorageClassValidation.capacity
            $0.validateUpdate = StorageClassValidation.capacityUpdate
        },
        "volumeattachments.storage.k8s.io": make {
            $0.deleteAnswer = .object
            $0.initialStatus = ["attached": false]
            $0.validate = StorageClassValidation.attachment
            $0.validateUpdate = StorageClassValidation.attachmentUpdate
        },
    ]
}
