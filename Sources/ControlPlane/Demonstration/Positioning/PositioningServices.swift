/// Archive, transformations and the status page: one file a directory.
enum PositioningServices {
    static func transformation(tag: String) -> [String: String] {
        var files: [String: String] = [:]
        for (cluster, replicas) in [("dev", 1), ("test", 1), ("prod", 3), ("cloud", 2)] {
            files["env/\(cluster)/posisjon-transformasjon/app.yaml"] = transformation(
                tag: tag,
                replicas: replicas
            )
        }
        // No autoscaler: a simulated cluster has no metrics, and one without them is degraded.
        files["env/cloud/posisjon-transformasjon/disruption.yaml"] = disruption
        return files
    }

    private static let disruption = """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: transformation
        spec:
          minAvailable: 1
          selector:
            matchLabels: {app: transformation}

        """

    private static func transformation(tag: String, replicas: Int) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: transformation
        spec:
          replicas: \(replicas)
          selector:
            matchLabels: {app: transformation}
          template:
            metadata:
              labels: {app: transformation}
            spec:
              initContainers:
                - name: grids
                  image: registry.kart.example/posisjon/grids:2026.2
                  volumeMounts: [{name: grids, mountPath: /grids}]
              containers:
                - name: transformation
                  image: registry.kart.example/posisjon/transformation:\(tag)
                  ports: [{name: http, containerPort: 8080}]
                  volumeMounts: [{name: grids, mountPath: /grids, readOnly: true}]
                  resources:
                    requests: {cpu: 300m, memory: 512Mi}
              volumes:
                - name: grids
                  emptyDir: {}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: transformation
        spec:
          selector: {app: transformation}
          ports: [{name: http, port: 80, targetPort: http}]

        """
    }

    static let archive = [
        "env/test/posisjon-arkiv/arkiv.yaml": archive(years: 1),
        "env/prod/posisjon-arkiv/arkiv.yaml": archive(years: 10),
    ]

    private static func archive(years: Int) -> String {
        """
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: pack
        spec:
          schedule: "5 * * * *"
          concurrencyPolicy: Forbid
          successfulJobsHistoryLimit: 2
          jobTemplate:
            spec:
              template:
                spec:
                  restartPolicy: OnFailure
                  containers:
                    - name: pack
                      image: registry.kart.example/posisjon/archive:2.0.5
                      args: [pack, --hour=previous, --keep-years=\(years)]
                      volumeMounts: [{name: buffer, mountPath: /buffer}]
                  volumes:
                    - name: buffer
                      persistentVolumeClaim: {claimName: buffer}
        ---
        # What was not packed yet. Varde asks before it deletes a volume.
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: buffer
        spec:
          accessModes: [ReadWriteMany]
          resources:
            requests:
              storage: \(years * 50)Gi
        ---
        # Runs once in each cluster, and again only when its name changes.
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: make-buckets-1
        spec:
          backoffLimit: 3
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: make-buckets
                  image: registry.kart.example/posisjon/archive:2.0.5
                  args: [make-buckets]

        """
    }

    static let statusPage = [
        "env/sandbox/posisjon-status/app.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: status
        spec:
          replicas: 1
          selector:
            matchLabels: {app: status}
          template:
            metadata:
              labels: {app: status}
            spec:
              containers:
                - name: status
                  image: registry.kart.example/posisjon/status:0.3.0
                  ports: [{name: http, containerPort: 8080}]
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: status
        spec:
          selector: {app: status}
          ports: [{name: http, port: 80, targetPort: http}]

        """
    ]
}
