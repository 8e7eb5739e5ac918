import KubeClient
import KubeModel
import KubeTesting
import Testing

@testable import KubeServer

@Suite("What is asked of pods in which nothing runs")
struct SimulatedPodAPITests {
    private let name = ObjectName(namespace: "default", name: "p")

    private func pod(node: String?) -> KubeObject {
        var pod = KubeObject(apiVersion: "v1", kind: "Pod", namespace: "default", name: "p")
        pod.spec = ["containers": [["name": "a", "image": "x:1"], ["name": "b", "image": "x:1"]]]
        if let node { pod.set(.string(node), at: "spec", "nodeName") }
        return pod
    }

    private func refusal(
        _ client: KubeClient,
        _ method: APIRequest.Method,
        _ path: String,
        _ query: [(name: String, value: String)] = []
    ) async throws -> StatusError? {
        do {
            _ = try await client.send(APIRequest(method, path, query: query))
            return nil
        } catch let error as StatusError { return error }
    }

    @Test("Commands, attachments and port forwards are refused in words, by GET and by POST")
    func streams() async throws {
        try await EmbeddedTestCluster.run { cluster in
            _ = try await cluster.client.create(.pods, pod(node: "somewhere"))
            for stream in ["exec", "attach", "portforward"] {
                for method in [APIRequest.Method.get, .post] {
                    let path = APIResource.pods.path(name, subresource: stream)
                    let error = try await refusal(
                        cluster.client,
                        method,
                        path,
                        [(name: "container", value: "a")]
                    )
                    #expect(error?.code == 405)
                    #expect(error?.message.hasPrefix("pod p is simulated: ") == true)
                }
            }
        }
    }

    @Test("What a real server would refuse is refused in its words first")
    func refusals() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let exec = APIResource.pods.path(name, subresource: "exec")
            #expect(try await refusal(cluster.client, .post, exec)?.message == "pods \"p\" not found")
            _ = try await cluster.client.create(.pods, pod(node: nil))
            #expect(
                try await refusal(cluster.client, .post, exec)?.message
                    == "a container name must be specified for pod p, choose one of: [a b]"
            )
            #expect(
                try await refusal(cluster.client, .post, exec, [(name: "container", value: "z")])?.message
                    == "container z is not valid for pod p"
            )
            #expect(
                try await refusal(cluster.client, .post, exec, [(name: "container", value: "a")])?.message
                    == "pod p does not have a host assigned"
            )
            let log = APIResource.pods.path(name, subresource: "log")
            #expect(
                try await refusal(cluster.client, .get, log, [(name: "tailLines", value: "-1")])?.message
                    == "PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0"
            )
        }
    }

    @Test("Proxies say what there is none of: the object, its endpoints, or anything that listens")
    func proxies() async throws {
        try await EmbeddedTestCluster.run { cluster in
            let client = cluster.client
            let path = "/api/v1/namespaces/default/services/http:web:80/proxy/a/b"
            #expect(try await refusal(client, .get, path)?.message == "services \"web\" not found")
            var service = KubeObject(apiVersion: "v1", kind: "Service", namespace: "default", name: "web")
            service.spec = ["ports": [["port": 80]]]
            _ = try await client.create(.services, service)
            let none = try await refusal(client, .get, path)
            #expect(none?.code == 503)
            var endpoints = KubeObject(apiVersion: "v1", kind: "Endpoints", namespace: "default", name: "web")
            endpoints["subsets"] = [["addresses": [["ip": "10.1.1.1"]], "ports": [["port": 80]]]]
            _ = try await client.create(.endpoints, endpoints)
            #expect(
                try await refusal(client, .get, path)?.message
                    == "service web is simulated: nothing listens behind it"
            )
            #expect(try await refusal(client, .get, "/api/v1/nodes/n/proxy/stats")?.code == 404)
        }
    }
}
