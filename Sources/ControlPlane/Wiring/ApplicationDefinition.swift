/// The CustomResourceDefinition of `Application`.
enum ApplicationDefinition {
    static let yaml = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: applications.varde.dev
        spec:
          group: varde.dev
          scope: Namespaced
          names: {plural: applications, singular: application, kind: Application, listKind: ApplicationList, shortNames: [app], categories: [varde]}
          versions:
          - name: v1alpha1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns:
            - {name: Cluster, type: string, jsonPath: .spec.cluster}
            - {name: Sync, type: string, jsonPath: .status.sync}
            - {name: Health, type: string, jsonPath: .status.health}
            - {name: Revision, type: string, jsonPath: .status.revision}
            - {name: Message, type: string, jsonPath: .status.message, priority: 1}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                required: [spec]
                properties:
                  apiVersion: {type: string}
                  kind: {type: string}
                  metadata: {type: object}
                  spec:
                    type: object
                    required: [tenant, cluster, namespace]
                    properties:
                      tenant: {type: string}
                      cluster: {type: string}
                      namespace: {type: string}
                      source:
                        type: object
                        x-kubernetes-preserve-unknown-fields: true
                  status:
                    type: object
                    x-kubernetes-preserve-unknown-fields: true
        """
}
