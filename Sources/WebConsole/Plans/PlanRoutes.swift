import Delivery
import HTTPTypes
import Hummingbird
import KubeModel
import NIOCore
import Tenancy

/// Plans of commits: made for whoever asks, kept for a while under a link.
struct PlanRoutes: Sendable {
    let desk: (any PlanDesk)?
    let backend: any ConsoleBackend
    private let slots = PlanSlots(2)

    static let largestBundle = 64 << 20
    private static let bundleType = "application/x-git-bundle"

    init(desk: (any PlanDesk)?, backend: any ConsoleBackend) {
        self.desk = desk
        self.backend = backend
    }

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("plans") { request, context in
            let query = request.uri.queryParameters
            let plans = try await open().plans(
                repository: query["repository"].map(String.init),
                commit: query["revision"].map(String.init)
            )
            guard !context.sight.isEverything else { return Response(.items(plans)) }
            let seen = await backend.tenants().filter { context.sight.sees(tenant: $0.name) }
            let repositories = Set(seen.flatMap { $0.repositories.map(\.url) })
            return Response(
                .items(plans.filter { $0["repository"]?.string.map(repositories.contains) ?? false })
            )
        }
        api.get("plans/:id") { _, context in
            let id = String(context.parameters["id"] ?? "")
            guard let plan = try open().plan(id) else {
                throw ConsoleError(.notFound, "There is no plan \(id) any more; ask for it again.")
            }
            return Response(plan)
        }
        api.get("plan-base") { request, context in
            let query = request.uri.queryParameters
            let repositories = query.getAll("repository").map { String($0) }
            let tenant = try Self.tenant(query["tenant"].map(String.init), for: context.sight)
            do {
                return Response(try await open().branches(of: repositories, tenant: tenant))
            } catch let error as PreviewError {
                throw ConsoleError(error)
            }
        }
        api.post("plans") { request, context in try await make(request, for: context.sight) }
    }

    /// The tenant whose applications are planned; who does not see all must name one, or have only one.
    private static func tenant(_ named: String?, for sight: Sight) throws -> String? {
        guard let tenants = sight.tenants else { return named }
        if let named {
            guard tenants.contains(named) else {
                throw ConsoleError(.notFound, "There is no tenant \(named).")
            }
            return named
        }
        guard tenants.count == 1 else {
            throw ConsoleError(
                .badRequest,
                tenants.isEmpty
                    ? "Your groups are those of no tenant."
                    : "Name the tenant: you see \(tenants.joined(separator: ", "))."
            )
        }
        return tenants[0]
    }

    private func open() throws -> any PlanDesk {
        guard let desk else { throw ConsoleError(.notFound, "This Varde makes no plans.") }
        return desk
    }

    /// Takes the question from JSON, or from the query when the body is a bundle of commits.
    private func make(_ request: Request, for sight: Sight) async throws -> Response {
        let desk = try open()
        guard slots.take() else {
            throw ConsoleError(.tooMany, "Other plans are being made; try again in some seconds.")
        }
        defer { slots.giveBack() }
        var wanted: PreviewRequest
        var bundle: [UInt8] = []
        if request.headers[.contentType] == Self.bundleType {
            wanted = try question { request.uri.queryParameters[Substring($0)].map(String.init) }
            do {
                bundle = [UInt8](buffer: try await request.body.collect(upTo: Self.largestBundle))
            } catch is NIOTooManyBytesError {
                throw ConsoleError(
                    .tooLarge,
                    "The commits have more than \(Self.largestBundle >> 20) MiB: push them to a branch and plan that."
                )
            }
        } else {
            let body = try await RequestBody(request)
            wanted = try question { try body.text($0) }
        }
        wanted.tenant = try Self.tenant(wanted.tenant, for: sight)
        do {
            return Response(try await desk.plan(wanted, bundle: bundle))
        } catch let error as PreviewError {
            throw ConsoleError(error)
        }
    }

    private func question(_ text: (String) throws -> String?) throws -> PreviewRequest {
        func named(_ name: String) throws -> String? {
            guard let value = try text(name), !value.isEmpty else { return nil }
            guard !value.hasPrefix("-"), !value.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
                throw ConsoleError(.badRequest, "`\(name)` cannot be \"\(value)\".")
            }
            return value
        }
        // One spelling a line.
        let spellings = (try text("repository") ?? "").split(separator: "\n").map(String.init)
        let tenant = try named("tenant")
        guard !spellings.isEmpty || tenant != nil else {
            throw ConsoleError(.badRequest, "`repository` is needed: its URL, as the tenant has it.")
        }
        var request = PreviewRequest(repositories: spellings, revision: try named("revision") ?? "HEAD")
        request.name = try named("name")
        request.against = try named("against")
        request.tenant = tenant
        request.cluster = try named("cluster")
        request.scope = try named("scope") == "all" ? .all : .changed
        return request
    }
}

extension ConsoleError {
    init(_ error: PreviewError) {
        switch error.code {
        case .unknownRepository, .unknownRevision, .unknownTenant, .unknownCluster:
            self.init(.notFound, error.message)
        case .conflict: self.init(.conflict, error.message)
        case .unreadable: self.init(.unavailable, error.message)
        }
    }
}
