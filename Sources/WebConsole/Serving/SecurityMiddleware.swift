import HTTPTypes
import Hummingbird

/// Headers that every answer carries: the browser runs our own files only, and shows us inside nobody's frame.
struct SecurityMiddleware: RouterMiddleware {
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    private static let fields: [(HTTPField.Name, String)] = [
        (.contentSecurityPolicy, policy),
        (.xContentTypeOptions, "nosniff"),
        (.named("X-Frame-Options"), "DENY"),
        (.named("Referrer-Policy"), "no-referrer"),
        (.named("Cross-Origin-Opener-Policy"), "same-origin"),
        (.named("Cross-Origin-Resource-Policy"), "same-origin"),
        (.named("Permissions-Policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]

    func handle(
        _ request: Request,
        context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.fields { response.headers[name] = value }
        return response
    }
}

extension HTTPField.Name {
    /// A field name that is written as a literal in this module.
    static func named(_ literal: String) -> Self {
        guard let name = Self(literal) else { preconditionFailure("\(literal) is no name of an HTTP field") }
        return name
    }

    static let lastEventID = named("Last-Event-ID")
    static let vardeRequest = named("X-Varde-Request")
    static let vardePerson = named("X-Varde-Person")
}
