extension Demonstration {
    /// Positioning: plain YAML, and kustomize for what runs in four clusters; a stateful caster, a daemon on every node.
    static let positioning = DemonstrationRepository(
        name: "posisjon-apps.git",
        commits: [
            .init(
                .bjorn,
                day: 2,
                "Correction data to dev and test",
                files: ["README.md": readme] + PositioningCaster.base + PositioningCaster.devAndTest
            ),
            .init(
                .mariam,
                day: 3,
                "Watch the receivers from every node",
                files: PositioningMonitor.onPremises
            ),
            .init(.bjorn, day: 4, "Correction data to prod", files: PositioningCaster.prod),
            .init(
                .sunniva,
                day: 7,
                "Keep what the stations sent for ten years",
                files: PositioningServices.archive
            ),
            .init(
                .tor,
                day: 8,
                "Coordinate transformations as an API",
                files: PositioningServices.transformation(tag: "4.0.2")
            ),
            .init(
                .bjorn,
                day: 9,
                """
                Correction data from the cloud

                Surveyors abroad get their data over a shorter way. The stations still send to prod.
                """,
                files: PositioningCaster.cloud + PositioningMonitor.cloud
            ),
            .init(
                .sunniva,
                day: 14,
                "Try the new status page in the sandbox",
                files: PositioningServices.statusPage
            ),
            .init(
                .tor,
                day: 16,
                "Transformations 4.1.0: NN2000 to ellipsoidal heights",
                files: PositioningServices.transformation(tag: "4.1.0")
            ),
        ]
    )

    private static let readme = AppsReadme.text(
        team: "Positioning services",
        prefix: "posisjon",
        repository: "posisjon-apps",
        style: "Plain YAML where it is short, kustomize (`bases/`) where four clusters run the same.",
        example: "prod.posisjon-caster"
    )
}
