import HTTPTypes
import Hummingbird

/// Lets only callers with a token or a session pass, and changes only where no other site's page could have asked for them.
struct CallerMiddleware: RouterMiddleware {
    let authority: SessionAuthority
    let backend: any ConsoleBackend

    func handle(
        _ request: Request,
        context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        guard let caller = authority.caller(of: request) else {
            throw ConsoleError(
                .signInNeeded,
                "Sign in first: `varde console` prints a link; other callers send the token."
            )
        }
        let changes = request.method != .get && request.method != .head
        if changes, caller.credential == .session, request.headers[.vardeRequest] != "1" {
            throw ConsoleError(.forbidden, "A change with a session needs the header `X-Varde-Request: 1`.")
        }
        var context = context
        context.caller = caller
        context.sight = await caller.sight(of: backend)
        return try await next(request, context)
    }
}

extension Caller {
    /// By what the tenants give to the groups now.
    func sight(of backend: any ConsoleBackend) async -> Sight {
        guard let groups else { return .everything }
        return Sight(groups: groups, of: await backend.tenants())
    }
}
