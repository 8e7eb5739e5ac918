extension Demonstration {
    /// The property register: jsonnet with a small library; the old portal as plain YAML.
    static let property = DemonstrationRepository(
        name: "eiendom-apps.git",
        commits: [
            .init(
                .henrik,
                day: 2,
                "Say in one place what an application of ours is",
                files: ["README.md": readme, "lib/app.libsonnet": PropertyLibrary.app]
            ),
            .init(
                .henrik,
                day: 3,
                "Bring the cadastre's API to dev, test and prod",
                files: PropertyRegister.api(tag: "7.1.0")
            ),
            .init(.sunniva, day: 4, "Move the portal as it is", files: PropertyPortal.files),
            .init(
                .bjorn,
                day: 8,
                "Search in the cadastre",
                files: PropertyRegister.search(in: ["dev": "3.7.2", "test": "3.7.2", "prod": "3.7.2"])
            ),
            .init(
                .sunniva,
                day: 9,
                "Receive changes from the land register",
                files: PropertyRegister.landRegister
            ),
            .init(
                .bjorn,
                day: 10,
                "Reports for the municipalities, every Monday",
                files: PropertyRegister.reports
            ),
            .init(
                .henrik,
                day: 15,
                "Cadastre API 7.1.1: keep the connection pool warm",
                files: PropertyRegister.api(tag: "7.1.1")
            ),
            .init(
                .bjorn,
                day: 18,
                """
                Search 3.8.0 to test

                Finds by former names of municipalities, too. Goes to production on Thursday if nothing comes up.
                """,
                // The tag ends in the letter O: an everyday mistake, for everybody to find.
                files: PropertyRegister.search(in: ["dev": "3.8.0", "test": "3.8.O"])
            ),
        ]
    )

    private static let readme = AppsReadme.text(
        team: "Property register",
        prefix: "eiendom",
        repository: "eiendom-apps",
        style: "We use jsonnet: `lib/app.libsonnet` knows our defaults. Our second prefix is `matrikkel`.",
        example: "test.matrikkel-search"
    )
}
