import KubeModel
import Testing

@testable import KubeServer

@Suite("Containers of simulated pods")
struct NodeContainerTests {
    private func pod(annotations: [String: String] = [:], _ spec: JSON) -> KubeObject {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: "p")
        pod.set("u-1", at: "metadata", "uid")
        pod.set(1, at: "metadata", "generation")
        pod.annotations = annotations
        pod.spec = spec
        pod.set("n", at: "spec", "nodeName")
        return pod
    }

    private let surroundings = PodSimulation.Surroundings(podIP: "10.1.1.1", hostIP: "10.0.0.1")

    /// Lets a simulation go on until a moment; gives what it reports.
    private func run(_ simulation: inout PodSimulation, to end: Timestamp) -> [PodSimulation.Report] {
        var now = Made.now
        var reports = simulation.advance(to: now, surroundings)
        while let next = simulation.nextMoment(after: now), next <= end {
            now = max(next, now)
            reports += simulation.advance(to: now, surroundings)
        }
        return reports
    }

    private func live(
        _ pod: KubeObject,
        for duration: Duration
    ) -> (status: JSON, events: [PodSimulation.Report]) {
        var simulation = PodSimulation(pod, now: Made.now)
        let events = run(&simulation, to: Made.now.adding(duration))
        return (simulation.status(at: Made.now.adding(duration)), events)
    }

    private func state(_ status: JSON, _ field: String, _ index: Int = 0) -> String? {
        status[field]?[index]?["state"]?.object?.keys.first
    }

    @Test("Init containers run one after the other, sidecars stay, then the others begin")
    func order() {
        let spec: JSON = [
            "restartPolicy": "Never",
            "initContainers": [
                ["name": "first", "image": "a:1"],
                ["name": "proxy", "image": "b:1", "restartPolicy": "Always"],
            ],
            "containers": [["name": "c", "image": "c:1"]],
        ]
        let running = live(pod(annotations: ["sim.varde.dev/run-for": "5s"], spec), for: .seconds(4))
        #expect(running.status["phase"] == "Running")
        #expect(state(running.status, "initContainerStatuses", 0) == "terminated")
        #expect(state(running.status, "initContainerStatuses", 1) == "running")
        let started = running.events.filter { $0.reason == "Started" }.compactMap(\.fieldPath)
        #expect(
            started == ["spec.initContainers{first}", "spec.initContainers{proxy}", "spec.containers{c}"]
        )
        let over = live(pod(annotations: ["sim.varde.dev/run-for": "5s"], spec), for: .seconds(9))
        #expect(over.status["phase"] == "Succeeded")
        #expect(state(over.status, "initContainerStatuses", 1) == "terminated")
        #expect(over.events.last?.message == "Stopping container proxy")
    }

    @Test("An init container that fails holds the others back, and is tried again")
    func initFails() {
        let annotations = ["sim.varde.dev/fail": "crash-loop", "sim.varde.dev/container": "first"]
        let spec: JSON = [
            "initContainers": [["name": "first", "image": "a:1"]],
            "containers": [["name": "c", "image": "c:1"]],
        ]
        let (status, _) = live(pod(annotations: annotations, spec), for: .seconds(6))
        #expect(status["phase"] == "Pending")
        #expect(status["initContainerStatuses"]?[0]?["restartCount"]?.int ?? 0 > 0)
        #expect(
            status["containerStatuses"]?[0]?.at("state", "waiting", "reason")?.string == "PodInitializing"
        )
        var never = spec
        never["restartPolicy"] = "Never"
        #expect(live(pod(annotations: annotations, never), for: .seconds(6)).status["phase"] == "Failed")
    }

    @Test("A container has started when its startup probe passed, and is ready after the other one")
    func probes() {
        let probe: JSON = ["httpGet": ["port": 80], "initialDelaySeconds": 5]
        let spec: JSON = [
            "containers": [["name": "c", "image": "c:1", "startupProbe": probe, "readinessProbe": probe]]
        ]
        func container(_ after: Duration) -> JSON? {
            live(pod(spec), for: after).status["containerStatuses"]?[0]
        }
        #expect(container(.seconds(3))?["started"] == false)
        #expect(container(.seconds(8))?["started"] == true)
        #expect(container(.seconds(8))?["ready"] == false)
        #expect(container(.seconds(13))?["ready"] == true)
    }

    @Test("A liveness probe that fails ends the container, in the kubelet's words")
    func liveness() {
        let spec: JSON = [
            "containers": [
                [
                    "name": "c", "image": "c:1",
                    "livenessProbe": ["tcpSocket": ["port": 80], "periodSeconds": 1, "failureThreshold": 2],
                ]
            ]
        ]
        let (status, events) = live(
            pod(annotations: ["sim.varde.dev/fail": "liveness"], spec),
            for: .seconds(4)
        )
        #expect(
            events.contains {
                $0.reason == "Unhealthy"
                    && $0.message
                        == "Liveness probe failed: dial tcp 10.1.1.1:80: connect: connection refused"
            }
        )
        #expect(
            events.contains {
                $0.reason == "Killing" && $0.message == "Container c failed liveness probe, will be restarted"
            }
        )
        #expect(
            status["containerStatuses"]?[0]?.at("lastState", "terminated", "exitCode")?.int == 137
        )
    }

    @Test("A stop waits for the preStop hook, but no longer than the grace period; who is killed says so")
    func stop() {
        let hook: JSON = ["preStop": ["sleep": ["seconds": 20]]]
        let spec: JSON = ["containers": [["name": "c", "image": "c:1", "lifecycle": hook]]]
        let moment = Made.now.adding(seconds: 2)
        func stopped(_ grace: Duration) -> (waits: Duration, code: Int?) {
            var simulation = PodSimulation(pod(spec), now: Made.now)
            _ = run(&simulation, to: moment)
            let reports = simulation.stop(at: moment, grace: grace)
            #expect(reports.map(\.reason) == ["Killing"])
            let end = simulation.stopsAt ?? moment
            simulation.finishStop(at: end)
            let status = simulation.status(at: end)["containerStatuses"]?[0]
            return (moment.duration(to: end), status?.at("state", "terminated", "exitCode")?.int)
        }
        #expect(stopped(.seconds(30)).waits >= .seconds(20))
        #expect(stopped(.seconds(30)).code == 0)
        #expect(stopped(.seconds(3)).waits == .seconds(3))
        #expect(stopped(.seconds(3)).code == 137)
    }

    @Test("An ephemeral container is started beside the others and changes nothing about them")
    func ephemeral() {
        let spec: JSON = ["containers": [["name": "c", "image": "c:1"]]]
        var simulation = PodSimulation(pod(spec), now: Made.now)
        _ = run(&simulation, to: Made.now.adding(seconds: 2))
        var changed = pod(spec)
        changed.set(2, at: "metadata", "generation")
        changed.set([["name": "debug", "image": "d:1"]], at: "spec", "ephemeralContainers")
        simulation = simulation.with(changed)
        let later = Made.now.adding(seconds: 3)
        var reports = simulation.advance(to: later, surroundings)
        for step in 1...8 {
            reports += simulation.advance(to: later.adding(.milliseconds(100 * step)), surroundings)
        }
        let status = simulation.status(at: later.adding(seconds: 1))
        #expect(state(status, "ephemeralContainerStatuses") == "running")
        #expect(status["phase"] == "Running")
        #expect(reports.last?.fieldPath == "spec.ephemeralContainers{debug}")
    }
}
