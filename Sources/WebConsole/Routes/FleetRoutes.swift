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
        api.get("status") { _, _ in
            let fleet = await FleetAnswers(backend)
            return Response(StatusAnswer(applications: backend.board.applications(), fleet: fleet).answer)
        }
        api.get("tenants") { _, _ in Response(.items(await FleetAnswers(backend).tenants)) }
        api.get("clusters") { _, _ in Response(.items(await FleetAnswers(backend).clusters)) }
    }
}
