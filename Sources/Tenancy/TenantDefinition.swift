/// The CustomResourceDefinition of `Tenant`.
///
/// What can be left out is atomic: of an object whose fields are all taken out API servers before 1.22 leave a `null`, which
/// its own schema refuses then.
package enum TenantDefinition {
    package static let yaml = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: tenants.varde.dev
        spec:
          group: varde.dev
          scope: Cluster
          names: {plural: tenants, singular: tenant, kind: Tenant, listKind: TenantList, shortNames: [tn], categories: [varde]}
          versions:
          - name: v1alpha1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns:
            - {name: Display, type: string, jsonPath: .spec.displayName}
            - {name: Prefixes, type: string, jsonPath: '.spec.prefixes[*]'}
            - {name: Accepted, type: string, jsonPath: '.status.conditions[?(@.type=="Accepted")].status'}
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
                    required: [prefixes]
                    properties:
                      displayName: {type: string, maxLength: 100}
                      prefixes:
                        type: array
                        minItems: 1
                        maxItems: 50
                        items: {type: string, maxLength: 63, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'}
                      carveOuts: {type: array, maxItems: 50, items: {type: string, maxLength: 63}}
                      repositories:
                        type: array
                        maxItems: 50
                        items:
                          type: object
                          required: [url]
                          properties:
                            url: {type: string, minLength: 1, maxLength: 2000}
                            branch: {type: string, maxLength: 250}
                            root: {type: string, maxLength: 250}
                            secret: {type: string, maxLength: 253, pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$'}
                            submodules: {type: boolean}
                            depth: {type: integer, minimum: 1, maximum: 1000000}
                      signatures:
                        type: object
                        x-kubernetes-map-type: atomic
                        required: [secret]
                        properties:
                          secret: {type: string, maxLength: 253, pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$'}
                      webhook:
                        type: object
                        x-kubernetes-map-type: atomic
                        required: [secret]
                        properties:
                          secret: {type: string, maxLength: 253, pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$'}
                      network:
                        type: object
                        x-kubernetes-map-type: atomic
                        properties:
                          hosts:
                            type: array
                            maxItems: 100
                            items: {type: string, maxLength: 260, pattern: '^((\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$'}
                      clusters: {type: array, maxItems: 1000, items: {type: string, maxLength: 63}}
                      groups:
                        type: object
                        x-kubernetes-map-type: atomic
                        properties:
                          view: {type: array, maxItems: 100, items: {type: string}}
                          deploy: {type: array, maxItems: 100, items: {type: string}}
                          admin: {type: array, maxItems: 100, items: {type: string}}
                      deletionDelay: {type: string, pattern: '^([0-9]+[hms])+$'}
                      podSecurity: {type: string, enum: [privileged, baseline, restricted]}
                      namespaceLabels: {type: object, x-kubernetes-map-type: atomic, additionalProperties: {type: string, maxLength: 63}}
                      allowedKinds: {type: array, maxItems: 100, items: {type: string}}
                      deniedKinds: {type: array, maxItems: 100, items: {type: string}}
                      registries: {type: array, maxItems: 100, items: {type: string}}
                      quota:
                        type: object
                        x-kubernetes-map-type: atomic
                        properties:
                          namespaces: {type: integer, minimum: 0}
                          objects: {type: integer, minimum: 0}
                  status:
                    type: object
                    x-kubernetes-preserve-unknown-fields: true
        """
}
