/// The portal: older than the team's library, and still several plain files a directory.
enum PropertyPortal {
    static let files: [String: String] = {
        var files: [String: String] = [:]
        for (cluster, replicas, host) in [
            ("dev", 1, "eiendom.dev.kart.example"), ("test", 2, "eiendom.test.kart.example"),
            ("prod", 3, "eiendom.kart.example"),
        ] {
            let directory = "env/\(cluster)/eiendom-portal"
            files["\(directory)/deployment.yaml"] = deployment(replicas: replicas)
            files["\(directory)/service.yaml"] = service
            files["\(directory)/ingress.yaml"] = ingress(host: host)
            files["\(directory)/config.yaml"] = config(host: host)
            if cluster == "prod" { files["\(directory)/budget.yaml"] = budget }
        }
        return files
    }()

    private static func deployment(replicas: Int) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: portal
        spec:
          replicas: \(replicas)
          revisionHistoryLimit: 3
          selector:
            matchLabels:
              app: portal
          template:
            metadata:
              labels:
                app: portal
            spec:
              securityContext:
                runAsNonRoot: true
                seccompProfile:
                  type: RuntimeDefault
              initContainers:
                - name: migrate
                  image: registry.kart.example/eiendom/portal:11.3.0
                  args: [migrate]
                  securityContext: &restricted
                    allowPrivilegeEscalation: false
                    capabilities:
                      drop: [ALL]
              containers:
                - name: portal
                  image: registry.kart.example/eiendom/portal:11.3.0
                  envFrom:
                    - configMapRef:
                        name: portal
                  ports:
                    - name: http
                      containerPort: 8080
                  readinessProbe:
                    httpGet:
                      path: /ready
                      port: http
                  livenessProbe:
                    httpGet:
                      path: /live
                      port: http
                  resources:
                    requests:
                      cpu: 200m
                      memory: 512Mi
                  securityContext: *restricted

        """
    }

    private static let service = """
        apiVersion: v1
        kind: Service
        metadata:
          name: portal
        spec:
          selector:
            app: portal
          ports:
            - name: http
              port: 80
              targetPort: http

        """

    private static func ingress(host: String) -> String {
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: portal
        spec:
          rules:
            - host: \(host)
              http:
                paths:
                  - path: /
                    pathType: Prefix
                    backend:
                      service:
                        name: portal
                        port:
                          name: http

        """
    }

    private static func config(host: String) -> String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: portal
        data:
          PUBLIC_URL: https://\(host)
          API_URL: http://api.matrikkel-api
          SESSION_MINUTES: "30"

        """
    }

    private static let budget = """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: portal
        spec:
          minAvailable: 2
          selector:
            matchLabels:
              app: portal

        """
}
