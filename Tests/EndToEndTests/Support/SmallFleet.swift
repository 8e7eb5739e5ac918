/// A platform repository with few clusters and one team, `demo`, whose removed directories go after a second.
enum SmallFleet {
    static func platform(clusters: [String] = ["dev"], more: [String: String] = [:]) -> [String: String] {
        var files = ["tenants/demo.yaml": tenant("demo", prefix: "demo", repository: "./apps.git")]
        for name in clusters { files["clusters/\(name).yaml"] = cluster(name) }
        return files.merging(more) { _, new in new }
    }

    static func cluster(_ name: String) -> String {
        """
        apiVersion: varde.dev/v1alpha1
        kind: Cluster
        metadata:
          name: \(name)
        spec:
          environment: dev
          location: on-premises
          connection:
            embedded: {}
          version: v1.36.2
          nodePools:
            - {name: general, replicas: 2, cpu: "64", memory: 256Gi}

        """
    }

    static func tenant(_ name: String, prefix: String, repository: String) -> String {
        """
        apiVersion: varde.dev/v1alpha1
        kind: Tenant
        metadata:
          name: \(name)
        spec:
          displayName: \(name)
          prefixes: [\(prefix)]
          repositories:
            - {url: \(repository), branch: main, root: env}
          deletionDelay: 1s

        """
    }

    /// A Deployment and a Service.
    static func web(
        _ name: String = "web",
        image: String = "registry.example/web:1.0.0",
        replicas: Int = 2
    ) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: \(name)
        spec:
          replicas: \(replicas)
          selector:
            matchLabels: {app: \(name)}
          template:
            metadata:
              labels: {app: \(name)}
            spec:
              containers:
                - name: \(name)
                  image: \(image)
                  ports: [{containerPort: 8080}]
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: \(name)
        spec:
          selector: {app: \(name)}
          ports: [{port: 80, targetPort: 8080}]

        """
    }

    static func configMaps(_ count: Int, name: String = "config", value: String = "1") -> String {
        (0..<count).map {
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)-\($0)}\ndata: {value: \"\(value)\"}\n"
        }.joined(separator: "---\n")
    }

    /// Repositories of a platform and of the team `demo`, and a data directory that is not started yet.
    struct Setting: Sendable {
        var directory: String
        var platform: Repository
        var apps: Repository
        var data: String { directory + "/data" }
        var options: [String] { ["--platform", platform.bare] }

        /// Runs `varde up` on it.
        func run<Result: Sendable>(
            _ body: @Sendable (Installation) async throws -> Result
        ) async throws -> Result {
            try await Installation.run(data: data, options: options, body)
        }
    }

    static func prepare<Result>(
        clusters: [String] = ["dev"],
        platform: [String: String] = [:],
        apps: [String: String] = ["README.md": "Nothing yet.\n"],
        _ body: (Setting) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { directory in
            try await body(
                Setting(
                    directory: directory,
                    platform: try await .make(
                        "platform",
                        in: directory,
                        files: Self.platform(clusters: clusters, more: platform)
                    ),
                    apps: try await .make("apps", in: directory, files: apps)
                )
            )
        }
    }
}
