/// The map viewer, `kart-web`: a kustomize base and its overlays.
enum MapViewer {
    static let base = [
        "bases/web/kustomization.yaml": """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        labels:
          - pairs:
              app.kubernetes.io/part-of: map-viewer
        resources:
          - deployment.yaml
          - service.yaml

        """,
        "bases/web/deployment.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
        spec:
          replicas: 1
          selector:
            matchLabels:
              app: web
          template:
            metadata:
              labels:
                app: web
            spec:
              containers:
                - name: web
                  image: registry.kart.example/kart/web
                  envFrom:
                    - configMapRef:
                        name: web
                  ports:
                    - name: http
                      containerPort: 8080
                  readinessProbe:
                    httpGet:
                      path: /ready
                      port: http
                  resources:
                    requests:
                      cpu: 100m
                      memory: 128Mi
                    limits:
                      memory: 256Mi

        """,
        "bases/web/service.yaml": """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
        spec:
          selector:
            app: web
          ports:
            - name: http
              port: 80
              targetPort: http

        """,
        "components/highly-available/kustomization.yaml": """
        # For what must survive the loss of a node.
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        resources:
          - budget.yaml
        patches:
          - target:
              kind: Deployment
              name: web
            patch: |-
              - op: add
                path: /spec/template/spec/topologySpreadConstraints
                value:
                  - maxSkew: 1
                    topologyKey: kubernetes.io/hostname
                    whenUnsatisfiable: ScheduleAnyway
                    labelSelector:
                      matchLabels:
                        app: web

        """,
        "components/highly-available/budget.yaml": """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: web
        spec:
          minAvailable: 1
          selector:
            matchLabels:
              app: web

        """,
    ]

    static func dev(tag: String) -> [String: String] {
        [
            "env/dev/kart-web/kustomization.yaml": overlay(
                tag: tag,
                replicas: 1,
                settings: ["LOG_LEVEL=debug", "TILES_URL=http://tiles.kart-tiles"]
            )
        ]
    }

    static func test(tag: String) -> [String: String] {
        [
            "env/test/kart-web/kustomization.yaml": overlay(
                tag: tag,
                replicas: 2,
                settings: ["LOG_LEVEL=info", "TILES_URL=http://tiles.kart-tiles"],
                extra: "components:\n  - ../../../components/highly-available\n"
            )
        ]
    }

    static let prod = [
        "env/prod/kart-web/kustomization.yaml": overlay(
            tag: "2.13.0",
            replicas: 4,
            settings: ["LOG_LEVEL=warning", "TILES_URL=https://tiles.kart.example"],
            resources: ["ingress.yaml"],
            extra: """
                components:
                  - ../../../components/highly-available
                patches:
                  - target:
                      kind: Deployment
                      name: web
                    patch: |-
                      apiVersion: apps/v1
                      kind: Deployment
                      metadata:
                        name: web
                      spec:
                        strategy:
                          rollingUpdate:
                            maxSurge: 2
                            maxUnavailable: 0

                """
        ),
        "env/prod/kart-web/ingress.yaml": """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: web
          annotations:
            link.argocd.argoproj.io/site: https://kart.example
        spec:
          rules:
            - host: kart.example
              http:
                paths:
                  - path: /
                    pathType: Prefix
                    backend:
                      service:
                        name: web
                        port:
                          name: http

        """,
    ]

    static func preview(_ number: Int, tag: String) -> [String: String] {
        [
            "previews/sandbox/preview-kart-\(number)/kustomization.yaml": overlay(
                tag: tag,
                replicas: 1,
                settings: [
                    "LOG_LEVEL=debug", "BANNER=Preview of pull request \(number)",
                    "TILES_URL=https://tiles.kart.example",
                ]
            )
        ]
    }

    private static func overlay(
        tag: String,
        replicas: Int,
        settings: [String],
        resources: [String] = [],
        extra: String = ""
    ) -> String {
        let all = ["../../../bases/web"] + resources
        return """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources:
            \(all.map { "  - \($0)" }.joined(separator: "\n"))
            images:
              - name: registry.kart.example/kart/web
                newTag: \(tag)
            replicas:
              - name: web
                count: \(replicas)
            configMapGenerator:
              - name: web
                literals:
            \(settings.map { "      - \($0)" }.joined(separator: "\n"))

            """ + extra
    }
}
