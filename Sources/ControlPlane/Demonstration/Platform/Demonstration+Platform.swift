extension Demonstration {
    /// The platform team's repository: the fleet and the tenants.
    static let platform = DemonstrationRepository(
        name: platformRepository,
        commits: [
            .init(
                .ingrid,
                day: 0,
                "Describe the clusters we run",
                files: ["README.md": PlatformFiles.readme] + PlatformFiles.onPremises
            ),
            .init(.ingrid, day: 1, "Onboard the maps team", files: PlatformFiles.maps),
            .init(
                .tor,
                day: 2,
                "Onboard property register and positioning",
                files: PlatformFiles.propertyAndPositioning
            ),
            .init(
                .ingrid,
                day: 8,
                """
                Add the cloud cluster

                For what is read from outside the country: tiles, corrections. Two small pools are enough to begin with.
                """,
                files: PlatformFiles.cloud
            ),
            .init(
                .tor,
                day: 11,
                """
                Give the maps team previews in the sandbox

                What is removed from previews/ goes at once, without the minute of grace that other namespaces have.
                """,
                files: PlatformFiles.previews
            ),
        ]
    )
}

/// The files of the platform repository.
enum PlatformFiles {
    static let readme = """
        # Platform

        What the platform team says about clusters and teams. Varde reads this repository and keeps to it.

        | directory | one file per |
        |---|---|
        | `clusters/` | cluster of the fleet |
        | `tenants/` | team: its prefixes, repositories, clusters, groups and limits |

        A mistake in one file harms only that file: the others go on, and `varde status` says what is wrong.

        ## Onboarding a team

        Copy a file in `tenants/`, change name, prefixes and repository, commit, push. The team can deploy a few seconds later:
        a directory `env/<cluster>/<namespace>/` in its repository is all that a namespace needs.

        """

    static let onPremises = [
        "clusters/sandbox.yaml": cluster(
            "sandbox",
            environment: "sandbox",
            pools: [("general", 2, 4, 16)],
            comment: "For trying things; emptied without notice."
        ),
        "clusters/dev.yaml": cluster("dev", environment: "dev", pools: [("general", 3, 8, 32)]),
        "clusters/test.yaml": cluster("test", environment: "test", pools: [("general", 3, 8, 32)]),
        "clusters/prod.yaml": cluster(
            "prod",
            environment: "prod",
            pools: [("general", 4, 16, 64), ("tiles", 2, 32, 128)],
            comment: "Nothing reaches this cluster that has not been in test."
        ),
    ]

    static let cloud = [
        "clusters/cloud.yaml": cluster(
            "cloud",
            environment: "prod",
            location: "cloud",
            pools: [("general", 2, 8, 32), ("spot", 2, 8, 32)]
        )
    ]

    private static func cluster(
        _ name: String,
        environment: String,
        location: String = "on-premises",
        pools: [(name: String, replicas: Int, cpu: Int, memory: Int)],
        comment: String? = nil
    ) -> String {
        let nodePools = pools.map {
            "    - {name: \($0.name), replicas: \($0.replicas), cpu: \"\($0.cpu)\", memory: \($0.memory)Gi}"
        }
        return (comment.map { "# \($0)\n" } ?? "") + """
            apiVersion: varde.dev/v1alpha1
            kind: Cluster
            metadata:
              name: \(name)
            spec:
              environment: \(environment)
              location: \(location)
              connection:
                embedded: {}
              version: v1.36.2
              nodePools:
            \(nodePools.joined(separator: "\n"))

            """
    }

    static let maps = [
        "tenants/kart.yaml": """
        apiVersion: varde.dev/v1alpha1
        kind: Tenant
        metadata:
          name: kart
        spec:
          displayName: Maps
          prefixes: [kart]
          repositories:
            - url: ./kart-apps.git
              branch: main
              root: env
          groups:
            view: [all-employees]
            deploy: [maps-developers]
            admin: [maps-leads]
          deletionDelay: 60s
          podSecurity: baseline
          namespaceLabels:
            cost-centre: "4210"
          quota:
            namespaces: 40
            objects: 2000

        """
    ]

    static let propertyAndPositioning = [
        "tenants/eiendom.yaml": """
        # Personal data: nobody outside the team may look.
        apiVersion: varde.dev/v1alpha1
        kind: Tenant
        metadata:
          name: eiendom
        spec:
          displayName: Property register
          prefixes: [eiendom, matrikkel]
          repositories:
            - url: ./eiendom-apps.git
              branch: main
              root: env
          clusters: [dev, test, prod]
          groups:
            view: [property-developers]
            deploy: [property-developers]
            admin: [property-leads]
          deletionDelay: 60s
          podSecurity: restricted
          namespaceLabels:
            cost-centre: "4310"
            data-classification: personal
          quota:
            namespaces: 30
            objects: 2000

        """,
        "tenants/posisjon.yaml": """
        apiVersion: varde.dev/v1alpha1
        kind: Tenant
        metadata:
          name: posisjon
        spec:
          displayName: Positioning services
          prefixes: [posisjon]
          repositories:
            - url: ./posisjon-apps.git
              branch: main
              root: env
          groups:
            view: [all-employees]
            deploy: [positioning-developers]
            admin: [positioning-leads]
          deletionDelay: 60s
          podSecurity: baseline
          namespaceLabels:
            cost-centre: "4120"
          quota:
            namespaces: 40
            objects: 2000

        """,
    ]

    static let previews = [
        "tenants/kart-previews.yaml": """
        # A pull request of the maps team gets a namespace of its own in the sandbox. See previews/ in kart-apps.
        apiVersion: varde.dev/v1alpha1
        kind: Tenant
        metadata:
          name: kart-previews
        spec:
          displayName: Previews of the maps team
          prefixes: [preview-kart]
          repositories:
            - url: ./kart-apps.git
              branch: main
              root: previews
          clusters: [sandbox]
          groups:
            view: [all-employees]
            deploy: [maps-developers]
            admin: [maps-developers]
          deletionDelay: 0s
          podSecurity: baseline
          quota:
            namespaces: 20
            objects: 500

        """
    ]
}
