extension Demonstration {
    /// The maps team: kustomize with bases, a component and overlays; WMS as plain YAML; previews in the sandbox.
    static let maps = DemonstrationRepository(
        name: "kart-apps.git",
        commits: [
            .init(
                .astrid,
                day: 2,
                "Begin with the map viewer in dev",
                files: ["README.md": readme] + MapViewer.base + MapViewer.dev(tag: "2.13.0")
            ),
            .init(
                .jonas,
                day: 3,
                "Add the WMS, as it was on the old cluster",
                files: MapServices.wms(tag: "8.2.1")
            ),
            .init(
                .astrid,
                day: 3,
                "Take the map viewer to test and prod",
                files: MapViewer.test(tag: "2.13.0") + MapViewer.prod
            ),
            .init(
                .mariam,
                day: 4,
                """
                Serve tiles from a cache of their own

                Rendering a tile takes 200 ms, reading it from the cache two. The cache may be lost at any time.
                """,
                files: MapTiles.base + MapTiles.onPremises
            ),
            .init(.jonas, day: 7, "Publish styles as config maps", files: MapServices.styles),
            .init(.mariam, day: 8, "Serve tiles from the cloud, too", files: MapTiles.cloud),
            .init(.jonas, day: 9, "Import deliveries every night", files: MapServices.imports),
            .init(
                .astrid,
                day: 11,
                "Add a preview of the new search field (#142)",
                files: MapViewer.preview(142, tag: "pr-142")
            ),
            .init(
                .henrik,
                day: 15,
                "WMS 8.2.3: fixes the legend of contour lines",
                files: MapServices.wms(tag: "8.2.3")
            ),
            .init(.astrid, day: 16, "Preview dark mode (#151)", files: MapViewer.preview(151, tag: "pr-151")),
            .init(
                .astrid,
                day: 17,
                "Map viewer 2.14.0 to dev and test",
                files: MapViewer.dev(tag: "2.14.0") + MapViewer.test(tag: "2.14.0")
            ),
        ]
    )

    private static let readme = AppsReadme.text(
        team: "Maps",
        prefix: "kart",
        repository: "kart-apps",
        style:
            "We use kustomize: `bases/` has what is the same everywhere, `env/` what differs, `previews/` pull requests.",
        example: "test.kart-web"
    )
}
