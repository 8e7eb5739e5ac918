import KubeModel

/// The strategies of kinds that extend or administer the server.
extension KindStrategies {
    static let revisions: [String: KindStrategy] = [
        "controllerrevisions.apps": make {
            $0.validate = WorkloadValidation.revision
            $0.validateUpdate = WorkloadValidation.revisionUpdate
        }
    ]

    static let extensions: [String: KindStrategy] = [
        "customresourcedefinitions.apiextensions.k8s.io": make {
            $0.generation = .content
            $0.update = .needsVersion
            $0.initialStatus = [
                "acceptedNames": ["kind": "", "plural": ""], "conditions": .null, "storedVersions": .null,
            ]
            $0.defaults = ConfigurationDefaults.customResourceDefinition
            $0.prepareForCreate = DefinitionPreparation.create
            $0.prepareForUpdate = DefinitionPreparation.update
            $0.validate = DefinitionValidation.validate
            $0.revalidatesOnUpdate = false
            $0.validateUpdate = DefinitionValidation.validateUpdate
            $0.warnings = DefinitionValidation.warnings
        },
        "mutatingwebhookconfigurations.admissionregistration.k8s.io": make {
            $0.generation = .content
            $0.defaults = { ConfigurationDefaults.webhooks(&$0, isMutating: true) }
            $0.validate = WebhookValidation.configuration
        },
        "validatingwebhookconfigurations.admissionregistration.k8s.io": make {
            $0.generation = .content
            $0.defaults = { ConfigurationDefaults.webhooks(&$0, isMutating: false) }
            $0.validate = WebhookValidation.configuration
        },
        "validatingadmissionpolicies.admissionregistration.k8s.io": make {
            $0.generation = .content
            $0.initialStatus = [:]
            $0.defaults = ConfigurationDefaults.admissionPolicy
        },
        "validatingadmissionpolicybindings.admissionregistration.k8s.io": make {
            $0.generation = .content
            $0.defaults = ConfigurationDefaults.admissionPolicyBinding
        },
        "mutatingadmissionpolicies.admissionregistration.k8s.io": make {
            $0.generation = .content
            $0.defaults = ConfigurationDefaults.admissionPolicy
        },
        "mutatingadmissionpolicybindings.admissionregistration.k8s.io": make {
            $0.generation = .content
            $0.defaults = ConfigurationDefaults.admissionPolicyBinding
        },
    ]

    static let other: [String: KindStrategy] = [
        "flowschemas.flowcontrol.apiserver.k8s.io": make {
            $0.generation = .content
            $0.initialStatus = [:]
            $0.defaults = ConfigurationDefaults.flowSchema
        },
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": make {
            $0.generation = .content
            $0.initialStatus = [:]
            $0.defaults = ConfigurationDefaults.priorityLevel
        },
        "apiservices.apiregistration.k8s.io": make {
            $0.names = .pathSegment
            $0.initialStatus = [:]
            $0.defaults = ConfigurationDefaults.apiService
        },
        "runtimeclasses.node.k8s.io": make {
            $0.validate = ConfigurationValidation.runtimeClass
            $0.validateUpdate = ConfigurationValidation.runtimeClassUpdate
        },
        "certificatesigningrequests.certificates.k8s.io": make {
            $0.initialStatus = [:]
            $0.names = .pathSegment
            $0.validate = SigningRequestValidation.validate
            $0.prepareForUpdate = SigningRequestPreparation.update
            $0.completeStatus = SigningRequestPreparation.stamp
        },
    ]
}
