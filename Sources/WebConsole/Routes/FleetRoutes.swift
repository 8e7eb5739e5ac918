import Delivery
import Hummingbird
import KubeModel

/// What is known of the fleet as a whole.
struct FleetRoutes: Sendable {
    let backend: any ConsoleBackend
    let version: String

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("version") { _, _ in
            Response(["version": .string(version), "kubernetes": "1.36"])
        }
        api.get("me") { _, context in
            Response(context.sight.answer(person: context.caller?.person ?? ""))
        }
        api.get("status") { _, context in
            let fleet = await FleetAnswers(backend, for: context.sight)
            let seen = backend.board.applications().filter { context.sight.sees(tenant: $0.id.tenant) }
            return Response(StatusAnswer(applications: seen, fleet: fleet).answer)
        }
        api.get("tenants") { _, context in
            Response(.items(await FleetAnswers(backend, for: context.sight).tenants))
        }
        api.get("clusters") { _, context in
            Response(.items(await FleetAnswers(backend, for: context.sight).clusters))
        }
    }
}
