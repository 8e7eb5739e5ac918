/// The monitor: a daemon on every node, and one collector.
enum PositioningMonitor {
    static let onPremises = files(in: ["dev", "test", "prod"])
    static let cloud = files(in: ["cloud"])

    private static func files(in clusters: [String]) -> [String: String] {
        var files: [String: String] = [:]
        for cluster in clusters {
            files["env/\(cluster)/posisjon-monitor/probe.yaml"] = probe
            files["env/\(cluster)/posisjon-monitor/collector.yaml"] = collector(cluster: cluster)
        }
        return files
    }

    private static let probe = """
        # Measures the way from every node to the stations: a switch that loses packets is found within minutes.
        apiVersion: apps/v1
        kind: DaemonSet
        metadata:
          name: probe
        spec:
          selector:
            matchLabels: {app: probe}
          updateStrategy:
            rollingUpdate: {maxUnavailable: 1}
          template:
            metadata:
              labels: {app: probe}
            spec:
              containers:
                - name: probe
                  image: registry.kart.example/posisjon/probe:1.8.0
                  args: [--report-to=http://collector]
                  resources:
                    requests: {cpu: 20m, memory: 32Mi}

        """

    private static func collector(cluster: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: collector
        spec:
          replicas: 1
          selector:
            matchLabels: {app: collector}
          template:
            metadata:
              labels: {app: collector}
            spec:
              containers:
                - name: collector
                  image: registry.kart.example/posisjon/collector:1.8.0
                  env:
                    - {name: CLUSTER, value: \(cluster)}
                  ports:
                    - {name: http, containerPort: 8080}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: collector
        spec:
          selector: {app: collector}
          ports:
            - {name: http, port: 80, targetPort: http}

        """
    }
}
