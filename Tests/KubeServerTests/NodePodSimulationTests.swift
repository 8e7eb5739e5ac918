import KubeModel
import Testing

@testable import KubeServer

@Suite("Simulated pods")
struct NodePodSimulationTests {
    private func pod(
        image: String = "a:1",
        annotations: [String: String] = [:],
        _ spec: JSON = [:]
    ) -> KubeObject {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "a", name: "p")
        pod.set("u-1", at: "metadata", "uid")
        pod.annotations = annotations
        var all: JSON = ["containers": [["name": "c", "image": .string(image)]], "nodeName": "n"]
        for (key, value) in spec.object ?? [:] { all[key] = value }
        pod.spec = all
        return pod
    }

    /// Lets a pod live for so long; gives its last status, and the reasons of all events.
    private func live(
        _ pod: KubeObject,
        for duration: Duration,
        _ surroundings: PodSimulation.Surroundings = .init(podIP: "10.1.1.1", hostIP: "10.0.0.1")
    ) -> (status: JSON, events: [PodSimulation.Report]) {
        var now = Made.now
        let end = now.adding(duration)
        var simulation = PodSimulation(pod, now: now)
        var events = simulation.advance(to: now, surroundings)
        while let next = simulation.nextMoment(after: now), next <= end {
            now = max(next, now)
            events += simulation.advance(to: now, surroundings)
        }
        return (simulation.status(at: end), events)
    }

    private func waiting(_ status: JSON) -> JSON? { status["containerStatuses"]?[0]?.at("state", "waiting") }

    @Test("A pod is pending at once, and running and ready within a second")
    func runs() {
        let first = live(pod(), for: .zero).status
        #expect(first["phase"] == "Pending")
        #expect(waiting(first)?["reason"] == "ContainerCreating")
        let (status, events) = live(pod(), for: .seconds(1))
        #expect(status["phase"] == "Running")
        #expect(status["podIP"] == "10.1.1.1")
        #expect(KubeObject(["status": status]).isPodReady)
        #expect(events.map(\.reason) == ["Pulling", "Pulled", "Created", "Started"])
    }

    @Test("The same pod always takes the same time")
    func deterministic() {
        let one = live(pod(), for: .seconds(1)).events
        #expect(one == live(pod(), for: .seconds(1)).events)
    }

    @Test("An image that is on the node is not pulled again")
    func present() {
        let surroundings = PodSimulation.Surroundings(images: ["docker.io/library/a:1"], podIP: "10.1.1.1")
        #expect(
            live(pod(), for: .seconds(1), surroundings).events.map(\.reason) == [
                "Pulled", "Created", "Started",
            ]
        )
    }

    @Test(
        "An image that cannot be pulled is told as the kubelet tells it",
        arguments: [("a:does-not-exist", "not found"), ("invalid.example/a:1", "no such host")]
    )
    func badImages(image: String, cause: String) {
        let early = live(pod(image: image), for: .seconds(1)).status
        #expect(waiting(early)?["reason"] == "ErrImagePull")
        #expect(waiting(early)?["message"]?.string?.hasSuffix(cause) == true)
        let (status, events) = live(pod(image: image), for: .seconds(5))
        #expect(status["phase"] == "Pending")
        #expect(waiting(status)?["reason"] == "ImagePullBackOff")
        #expect(
            waiting(status)?["message"]?.string?.hasPrefix(
                "Back-off pulling image \"\(image)\": ErrImagePull: "
            ) == true
        )
        #expect(events.map(\.reason) == ["Pulling", "Failed", "Failed", "BackOff", "Failed"])
    }

    @Test("A crashing pod is restarted at once, then with a growing back-off")
    func crashes() {
        let crashing = pod(annotations: ["sim.varde.dev/fail": "crash-loop"])
        let status = live(crashing, for: .seconds(5)).status
        #expect(status["phase"] == "Running")
        #expect(waiting(status)?["reason"] == "CrashLoopBackOff")
        #expect(waiting(status)?["message"] == "back-off 10s restarting failed container=c pod=p_a(u-1)")
        #expect(status["containerStatuses"]?[0]?["restartCount"] == 1)
        let later = live(crashing, for: .seconds(40)).status
        #expect(waiting(later)?["message"]?.string?.hasPrefix("back-off 40s") == true)
        #expect(later["containerStatuses"]?[0]?.at("lastState", "terminated", "exitCode") == 1)
    }

    @Test("Out of memory shows as OOMKilled with 137, not-ready as a failing probe")
    func otherFailures() {
        let oom = live(pod(annotations: ["sim.varde.dev/fail": "oom"]), for: .seconds(3)).status
        #expect(oom["containerStatuses"]?[0]?.at("lastState", "terminated", "reason") == "OOMKilled")
        #expect(oom["containerStatuses"]?[0]?.at("lastState", "terminated", "exitCode") == 137)
        let (status, events) = live(pod(annotations: ["sim.varde.dev/fail": "not-ready"]), for: .seconds(3))
        #expect(status["phase"] == "Running")
        #expect(!KubeObject(["status": status]).isPodReady)
        #expect(events.contains { $0.reason == "Unhealthy" })
    }

    @Test("start-after delays readiness, not the start")
    func slowStart() {
        let slow = pod(annotations: ["sim.varde.dev/start-after": "20s"])
        let early = live(slow, for: .seconds(10)).status
        #expect(early["phase"] == "Running")
        #expect(!KubeObject(["status": early]).isPodReady)
        #expect(KubeObject(["status": live(slow, for: .seconds(21)).status]).isPodReady)
    }

    @Test("A pod that is not restarted comes to its end", arguments: [("0", "Succeeded"), ("3", "Failed")])
    func ends(code: String, phase: String) {
        let job = pod(
            annotations: ["sim.varde.dev/run-for": "5s", "sim.varde.dev/exit-code": code],
            ["restartPolicy": "Never"]
        )
        #expect(live(job, for: .seconds(4)).status["phase"] == "Running")
        let status = live(job, for: .seconds(7)).status
        #expect(status["phase"] == .string(phase))
        #expect(KubeObject(["status": status]).condition("Ready")?.isFalse == true)
    }

    @Test("Init containers run one after the other before the others")
    func initContainers() {
        let spec: JSON = [
            "initContainers": [["name": "one", "image": "i:1"], ["name": "two", "image": "i:1"]]
        ]
        let early = live(pod(spec), for: .milliseconds(300)).status
        #expect(KubeObject(["status": early]).condition("Initialized")?.isFalse == true)
        #expect(waiting(early)?["reason"] == "PodInitializing")
        let (status, events) = live(pod(spec), for: .seconds(3))
        #expect(status["phase"] == "Running")
        #expect(
            events.filter { $0.reason == "Started" }.map(\.fieldPath) == [
                "spec.initContainers{one}", "spec.initContainers{two}", "spec.containers{c}",
            ]
        )
    }

    @Test("A pod without its ConfigMap says so, and starts when it is there")
    func missing() {
        var surroundings = PodSimulation.Surroundings(podIP: "10.1.1.1")
        surroundings.missingReferences = ["c": "configmap \"x\" not found"]
        var simulation = PodSimulation(pod(), now: Made.now)
        var now = Made.now
        for _ in 0..<20 {
            _ = simulation.advance(to: now, surroundings)
            now = now.adding(.milliseconds(100))
        }
        #expect(waiting(simulation.status(at: now))?["reason"] == "CreateContainerConfigError")
        #expect(simulation.isWaitingForReferences)
        surroundings.missingReferences = [:]
        simulation.tryAgain()
        _ = simulation.advance(to: now, surroundings)
        #expect(simulation.status(at: now)["phase"] == "Running")
    }

    @Test("A running pod stays as it is when the process starts again")
    func resumes() {
        var running = pod()
        running.status = live(pod(), for: .seconds(2)).status
        var simulation = PodSimulation(running, now: Made.now.adding(seconds: 100))
        let events = simulation.advance(to: Made.now.adding(seconds: 100), .init(podIP: "other"))
        #expect(events.isEmpty)
        #expect(simulation.status(at: Made.now.adding(seconds: 100)) == running.status)
    }

    @Test("Logs begin by saying that they are simulated, and their tail needs no beginning")
    func logs() throws {
        var running = pod()
        running.status = live(pod(), for: .seconds(2)).status
        let log = try SimulatedLog(pod: running, container: "c", previous: false)
        func lines(_ options: LogOptions) -> [String] {
            String(decoding: log.text(until: Made.now.adding(seconds: 3_600), options), as: UTF8.self)
                .split(separator: "\n").map(String.init)
        }
        let all = lines(LogOptions())
        #expect(all.first?.hasPrefix("[simulated]") == true)
        #expect(lines(LogOptions(tailLines: 3)) == Array(all.suffix(3)))
        #expect(lines(LogOptions(tailLines: 0)).isEmpty)
        #expect(lines(LogOptions(sinceSeconds: 60)).count < 20)
        #expect(lines(LogOptions(timestamps: true)).allSatisfy { $0.hasPrefix("2026-11-22T1") })
        #expect(throws: StatusError.self) {
            _ = try SimulatedLog(pod: running, container: "c", previous: true)
        }
    }
}
