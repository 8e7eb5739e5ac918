import KubeClient
import KubeModel
import KubeRuntime

/// Fills Secrets of type `kubernetes.io/service-account-token` with a token of their account, and deletes them with it.
struct AccountTokens: Reconciler {
    let cluster: WorkloadCluster

    private static let type = "kubernetes.io/service-account-token"
    private static let nameKey = "kubernetes.io/service-account.name"
    private static let uidKey = "kubernetes.io/service-account.uid"
    /// As long as a request may ask for; the token ends with its Secret.
    private static let lifetime: Int64 = 1 << 32

    static func controller(_ cluster: WorkloadCluster) -> Controller<AccountTokens> {
        let queue = WorkQueue<ObjectName>(backoff: .workloads)
        let secrets = cluster.informer(.secrets)
        secrets.onEvery { secret in
            if secret["type"]?.string == type { queue.enqueue(secret.objectName) }
        }
        cluster.informer(.serviceAccounts).onChange { change in
            let account: KubeObject
            switch change {
            case .added(let object), .removed(let object): account = object
            case .updated, .synced: return
            }
            for secret in secrets.list(namespace: account.namespace)
            where secret["type"]?.string == type && secret.annotation(nameKey) == account.name {
                queue.enqueue(secret.objectName)
            }
        }
        return Controller(
            name: "serviceaccount-token",
            queue: queue,
            reconciler: Self(cluster: cluster),
            workers: 1,
            logger: cluster.logger
        )
    }

    func reconcile(_ name: ObjectName) async throws -> ReconcileResult {
        guard let secret = cluster.informer(.secrets).get(name), !secret.isBeingDeleted,
            secret["type"]?.string == Self.type, let owner = secret.annotation(Self.nameKey)
        else { return .settled }
        let accountName = ObjectName(namespace: name.namespace, name: owner)
        guard let account = try await cluster.client.find(.serviceAccounts, accountName),
            secret.annotation(Self.uidKey).map({ $0.isEmpty || $0 == account.uid }) ?? true
        else {
            try await cluster.delete(.secrets, secret)
            return .settled
        }
        let authority = cluster.certificateAuthority
        var data: JSON = [:]
        if secret.at("data", "namespace") == nil { data["namespace"] = Self.encoded(name.namespace) }
        if !authority.isEmpty, secret.at("data", "ca.crt") != Self.encoded(authority) {
            data["ca.crt"] = Self.encoded(authority)
        }
        if secret.at("data", "token") == nil {
            data["token"] = Self.encoded(try await token(of: accountName, for: secret))
        }
        var patch: JSON = [:]
        if data != [:] { patch["data"] = data }
        if secret.annotation(Self.uidKey) != account.uid {
            patch["metadata"] = ["annotations": [Self.uidKey: .string(account.uid)]]
        }
        guard patch != [:] else { return .settled }
        do {
            try await cluster.patch(.secrets, name, patch)
        } catch let error as StatusError where error.isNotFound {
            // Gone; nothing is left to fill.
        }
        return .settled
    }

    private func token(of account: ObjectName, for secret: KubeObject) async throws -> String {
        let body: JSON = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": [
                "expirationSeconds": .integer(Self.lifetime),
                "boundObjectRef": [
                    "apiVersion": "v1", "kind": "Secret", "name": .string(secret.name),
                    "uid": .string(secret.uid),
                ],
            ],
        ]
        let path = APIResource.serviceAccounts.path(account, subresource: "token")
        let answer = try await cluster.client.send(APIRequest(.post, path, body: .json(body)))
        return answer.at("status", "token")?.string ?? ""
    }

    private static func encoded(_ text: String) -> JSON { .string(Base64.encoded(Array(text.utf8))) }
}
