import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The pages of the console, its files, and signing in.
struct PageRoutes: Sendable {
    let assets: AssetLibrary
    let authority: SessionAuthority

    /// The first parts of the paths that the console's own router knows.
    private static let places = ["applications", "tenants", "clusters", "commits", "plans"]

    func add(to router: Router<ConsoleContext>) {
        router.get("/") { request, _ in page(for: request) }
        for place in Self.places {
            router.get("/\(place)") { request, _ in page(for: request) }
            router.get("/\(place)/**") { request, _ in page(for: request) }
        }
        router.get("/assets/:release/**") { request, context in
            let name = context.parameters.getCatchAll().joined(separator: "/")
            guard let file = assets.file(name, release: context.parameters["release"] ?? "", for: request)
            else {
                throw ConsoleError(.notFound, "The console has no file \(name).")
            }
            return file
        }
        router.get("/favicon.ico") { _, _ in
            Response(status: .found, headers: [.location: "/assets/\(assets.release)/icon.svg"])
        }
        router.post("/sign-in") { request, _ in try await signIn(request) }
        router.post("/sign-out") { _, _ in
            redirect(to: "/", cookie: authority.expiredCookieField)
        }
    }

    private func page(for request: Request) -> Response {
        if let token = request.uri.queryParameters["token"] {
            guard let holder = authority.holder(ofToken: String(token)) else {
                return assets.page("sign-in.html", for: request, status: .unauthorized)
            }
            return redirect(to: "/", cookie: authority.cookieField(for: holder))
        }
        guard authority.caller(of: request) != nil else {
            return assets.page("sign-in.html", for: request, status: .unauthorized)
        }
        return assets.page("index.html", for: request)
    }

    /// A form with `token`, and `next`: a path of ours to go on to.
    private func signIn(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 8_192)
        let form = URI("/?\(String(buffer: body))").queryParameters
        let token = (form["token"] ?? "").filter { !$0.isWhitespace }
        guard let holder = authority.holder(ofToken: String(token)) else {
            return redirect(to: "/?token=wrong", cookie: nil)
        }
        let next = String(form["next"] ?? "/")
        let isOurs =
            next.hasPrefix("/") && !next.hasPrefix("//")
            && next.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }
        return redirect(to: isOurs ? next : "/", cookie: authority.cookieField(for: holder))
    }

    private func redirect(to place: String, cookie: String?) -> Response {
        var headers: HTTPFields = [.location: place, .cacheControl: "no-store"]
        headers[.setCookie] = cookie
        return Response(status: .seeOther, headers: headers)
    }
}
