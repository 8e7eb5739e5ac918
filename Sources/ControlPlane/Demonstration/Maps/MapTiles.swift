/// The tile server, `kart-tiles`: a deployment in front of a cache that keeps its disk.
enum MapTiles {
    static let base = [
        "bases/tiles/kustomization.yaml": """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources:
          - server.yaml
          - cache.yaml
          - budget.yaml
        images:
          - name: registry.kart.example/kart/tiles
            newTag: 5.4.2
          - name: registry.kart.example/mirror/valkey
            newTag: 8.1.4-alpine

        """,
        "bases/tiles/server.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: tiles
        spec:
          replicas: 2
          selector:
            matchLabels:
              app: tiles
          template:
            metadata:
              labels:
                app: tiles
            spec:
              containers:
                - name: tiles
                  image: registry.kart.example/kart/tiles
                  args: [--cache=redis://cache:6379, --max-zoom=20]
                  ports:
                    - name: http
                      containerPort: 8080
                  readinessProbe:
                    httpGet:
                      path: /ready
                      port: http
                  resources:
                    requests:
                      cpu: 500m
                      memory: 512Mi
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: tiles
        spec:
          selector:
            app: tiles
          ports:
            - name: http
              port: 80
              targetPort: http

        """,
        "bases/tiles/cache.yaml": """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: cache
        spec:
          serviceName: cache
          replicas: 1
          selector:
            matchLabels:
              app: cache
          template:
            metadata:
              labels:
                app: cache
            spec:
              containers:
                - name: valkey
                  image: registry.kart.example/mirror/valkey
                  args: [--maxmemory, 2gb, --maxmemory-policy, allkeys-lru]
                  ports:
                    - name: redis
                      containerPort: 6379
                  volumeMounts:
                    - name: data
                      mountPath: /data
              volumes:
                - name: data
                  emptyDir:
                    sizeLimit: 4Gi
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: cache
        spec:
          clusterIP: None
          selector:
            app: cache
          ports:
            - name: redis
              port: 6379
              targetPort: redis

        """,
        "bases/tiles/budget.yaml": """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: tiles
        spec:
          maxUnavailable: 1
          selector:
            matchLabels:
              app: tiles

        """,
    ]

    static let onPremises = [
        "env/dev/kart-tiles/kustomization.yaml": overlay(servers: 1, caches: 1),
        "env/test/kart-tiles/kustomization.yaml": overlay(servers: 2, caches: 1),
        "env/prod/kart-tiles/kustomization.yaml": overlay(servers: 6, caches: 3),
    ]

    static let cloud = [
        "env/cloud/kart-tiles/kustomization.yaml": overlay(servers: 3, caches: 2)
            + """
            patches:
              # Tiles can be rendered again: cheap nodes that may disappear are good enough.
              - target:
                  kind: Deployment
                  name: tiles
                patch: |-
                  - op: add
                    path: /spec/template/spec/containers/0/args/-
                    value: --origin=https://tiles.kart.example

            """
    ]

    private static func overlay(servers: Int, caches: Int) -> String {
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources:
          - ../../../bases/tiles
        replicas:
          - name: tiles
            count: \(servers)
          - name: cache
            count: \(caches)

        """
    }
}
