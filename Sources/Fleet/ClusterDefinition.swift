/// The CustomResourceDefinition of `Cluster`.
package enum ClusterDefinition {
    package static let yaml = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: clusters.varde.dev
        spec:
          group: varde.dev
          scope: Cluster
          names: {plural: clusters, singular: cluster, kind: Cluster, listKind: ClusterList, shortNames: [cl], categories: [varde]}
          versions:
          - name: v1alpha1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns:
            - {name: Environment, type: string, jsonPath: .spec.environment}
            - {name: Location, type: string, jsonPath: .spec.location}
            - {name: Version, type: string, jsonPath: .status.version}
            - {name: Nodes, type: integer, jsonPath: .status.nodes}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
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
                    properties:
                      environment: {type: string, maxLength: 63}
                      location: {type: string, enum: [on-premises, cloud]}
                      version: {type: string, pattern: '^v[0-9]+\\.[0-9]+\\.[0-9]+.*$'}
                      connection:
                        type: object
                        x-kubernetes-map-type: atomic
                        maxProperties: 1
                        properties:
                          embedded:
                            type: object
                            properties:
                              admission: {type: string, enum: [kubeadm, bare]}
                              serviceNetwork: {type: string, pattern: '^[0-9.]+/[0-9]+$'}
                          kubeconfigSecret:
                            type: object
                            required: [name]
                            properties:
                              name: {type: string}
                              namespace: {type: string}
                              key: {type: string}
                          kubeconfigFile:
                            type: object
                            required: [path]
                            properties:
                              path: {type: string}
                              context: {type: string}
                      nodePools:
                        type: array
                        maxItems: 100
                        items:
                          type: object
                          required: [name]
                          properties:
                            name: {type: string, maxLength: 63}
                            replicas: {type: integer, minimum: 0, maximum: 1000}
                            cpu: {x-kubernetes-int-or-string: true}
                            memory: {x-kubernetes-int-or-string: true}
                            labels: {type: object, additionalProperties: {type: string}}
                  status:
                    type: object
                    x-kubernetes-preserve-unknown-fields: true
        """
}
