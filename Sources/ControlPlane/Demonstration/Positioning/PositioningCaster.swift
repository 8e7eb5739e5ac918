/// The caster, which sends correction data to surveyors: stateful, with ordered replicas.
enum PositioningCaster {
    static let base = [
        "bases/caster/kustomization.yaml": """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources:
          - caster.yaml
          - services.yaml
          - network-policy.yaml
        images:
          - name: registry.kart.example/posisjon/caster
            newTag: 3.2.7

        """,
        "bases/caster/caster.yaml": """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: caster
        spec:
          serviceName: caster-peers
          replicas: 1
          selector:
            matchLabels:
              app: caster
          template:
            metadata:
              labels:
                app: caster
            spec:
              terminationGracePeriodSeconds: 20
              containers:
                - name: caster
                  image: registry.kart.example/posisjon/caster
                  envFrom:
                    - configMapRef:
                        name: caster
                  ports:
                    - name: ntrip
                      containerPort: 2101
                    - name: peers
                      containerPort: 7946
                  readinessProbe:
                    tcpSocket:
                      port: ntrip
                  resources:
                    requests:
                      cpu: 250m
                      memory: 256Mi

        """,
        "bases/caster/services.yaml": """
        apiVersion: v1
        kind: Service
        metadata:
          name: caster
        spec:
          selector:
            app: caster
          ports:
            - name: ntrip
              port: 2101
              targetPort: ntrip
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: caster-peers
        spec:
          clusterIP: None
          publishNotReadyAddresses: true
          selector:
            app: caster
          ports:
            - name: peers
              port: 7946
              targetPort: peers

        """,
        "bases/caster/network-policy.yaml": """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: caster
        spec:
          podSelector:
            matchLabels:
              app: caster
          policyTypes: [Ingress]
          ingress:
            - ports:
                - port: ntrip
            - from:
                - podSelector:
                    matchLabels:
                      app: caster
              ports:
                - port: peers

        """,
    ]

    static let devAndTest = [
        "env/dev/posisjon-caster/kustomization.yaml": overlay(
            replicas: 1,
            settings: ["STATIONS=12", "MOUNTPOINTS=rtcm3"]
        ),
        "env/test/posisjon-caster/kustomization.yaml": overlay(
            replicas: 2,
            settings: ["STATIONS=300", "MOUNTPOINTS=rtcm3,msm7"]
        ),
    ]

    static let prod = [
        "env/prod/posisjon-caster/kustomization.yaml": overlay(
            replicas: 3,
            settings: ["STATIONS=300", "MOUNTPOINTS=rtcm3,msm7"],
            resources: ["budget.yaml"]
        ),
        "env/prod/posisjon-caster/budget.yaml": """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: caster
        spec:
          maxUnavailable: 1
          selector:
            matchLabels:
              app: caster

        """,
    ]

    static let cloud = [
        "env/cloud/posisjon-caster/kustomization.yaml": overlay(
            replicas: 2,
            settings: ["UPSTREAM=ntrip://caster.kart.example:2101", "MOUNTPOINTS=rtcm3,msm7"]
        )
    ]

    private static func overlay(replicas: Int, settings: [String], resources: [String] = []) -> String {
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources:
        \((["../../../bases/caster"] + resources).map { "  - \($0)" }.joined(separator: "\n"))
        replicas:
          - name: caster
            count: \(replicas)
        configMapGenerator:
          - name: caster
            literals:
        \(settings.map { "      - \($0)" }.joined(separator: "\n"))

        """
    }
}
