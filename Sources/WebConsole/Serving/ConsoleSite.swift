package import Hummingbird
import NIOCore

/// Everything behind the console's listener: pages, API, live stream, webhooks.
package struct ConsoleSite: Sendable {
    private let pages: PageRoutes
    private let fleet: FleetRoutes
    private let applications: ApplicationRoutes
    private let details: DetailRoutes
    private let plans: PlanRoutes
    private let live: LiveStream
    private let hooks: HookRoutes
    private let host: HostMiddleware
    private let authority: SessionAuthority
    private let backend: any ConsoleBackend

    /// - Parameters:
    ///   - instance: Keeps the cookies of several consoles on one host apart; the port, for one that listens.
    ///   - audit: Where what people do is recorded.
    ///   - people: Who may sign in beside the owner of the token.
    ///   - heartbeat: How often a quiet stream says that it is alive.
    package init(
        backend: any ConsoleBackend,
        host: String,
        token: String,
        version: String,
        instance: String,
        audit: AuditLog = AuditLog(),
        people: PeopleFile = PeopleFile(),
        heartbeat: Duration = .seconds(15)
    ) {
        authority = SessionAuthority(token: token, instance: instance, people: people)
        let process = String(UInt32.random(in: .min ... .max), radix: 36)
        live = LiveStream(
            backend: backend,
            authority: authority,
            process: process,
            heartbeat: heartbeat
        )
        pages = PageRoutes(assets: AssetLibrary(), authority: authority)
        fleet = FleetRoutes(backend: backend, version: version)
        applications = ApplicationRoutes(backend: backend, live: live, audit: audit)
        details = DetailRoutes(backend: backend, audit: audit)
        plans = PlanRoutes(desk: backend.plans, backend: backend)
        hooks = HookRoutes(backend: backend)
        self.backend = backend
        self.host = HostMiddleware(host: host)
    }

    package func responder() -> RouterResponder<ConsoleContext> {
        let router = Router(context: ConsoleContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityMiddleware())
        router.add(middleware: CompressionMiddleware())
        router.add(middleware: FailureMiddleware())
        router.add(middleware: host)
        router.get("/healthz") { _, _ in Response(text: "ok\n") }
        pages.add(to: router)
        hooks.add(to: router)
        let api = router.group("/api/v1").add(
            middleware: CallerMiddleware(authority: authority, backend: backend)
        )
        fleet.add(to: api)
        applications.add(to: api)
        details.add(to: api)
        plans.add(to: api)
        live.add(to: api)
        return router.buildResponder()
    }

    /// Work beside the answers, until cancelled.
    package func perform() async { await hooks.perform() }
}
