import KubeClient
import KubeModel
import Logging

extension DeliveryService {
    /// What may be done to an object now, and what each would do; nothing that the cluster would refuse.
    ///
    /// The cluster itself is asked what the application's tenant may do there.
    package func offers(for object: String, of id: ApplicationID) async throws -> [ActionOffer] {
        if let answer = try await elsewhere(.offers(object: object), id, by: "") {
            return (answer.array ?? []).compactMap(ActionOffer.init)
        }
        let place = try await place(of: object, of: id)
        let offers = ActionOffer.offers(
            for: place.live,
            desired: place.desired,
            nodes: board.objects(of: id),
            now: environment.now()
        )
        var allowed: [ActionOffer] = []
        for offer in offers where try await place.allows(offer.action) { allowed.append(offer) }
        return allowed
    }

    /// Does it, as the application's tenant.
    ///
    /// - Returns: What was made or changed, for the record: `Job nightly-manual-12`.
    package func perform(
        _ action: ObjectAction,
        on object: String,
        of id: ApplicationID,
        by person: String
    ) async throws -> String {
        if let answer = try await elsewhere(.perform(action, object: object), id, by: person) {
            return answer.string ?? ""
        }
        let place = try await place(of: object, of: id)
        let offers = ActionOffer.offers(
            for: place.live,
            desired: place.desired,
            nodes: [],
            now: environment.now()
        )
        guard offers.contains(where: { $0.action == action.name }) else {
            throw StatusError(
                code: 409,
                reason: "Conflict",
                message:
                    "\(place.live.kind) \(place.live.name) cannot be asked to \(action.name.rawValue) now."
            )
        }
        environment.logger.notice(
            "action",
            metadata: [
                "application": "\(id)", "object": "\(object)", "action": "\(action.name.rawValue)",
                "by": "\(person)",
            ]
        )
        let done = try await place.perform(action, by: person, now: environment.now())
        environment.wake(id)
        return done
    }

    private func place(of object: String, of id: ApplicationID) async throws -> ActionPlace {
        let manifests = try await self.object(object, of: id)
        guard let live = manifests.live else {
            throw DeliveryError.notFound("\(object) is not in the cluster.")
        }
        let lane = try lane(id)
        guard let resource = try await lane.client.discovery.resource(for: live.gvk) else {
            throw DeliveryError.notFound("\(id.cluster) does not know \(live.gvk).")
        }
        var client = lane.client.acting(as: await environment.policy.identity(of: id.tenant))
        client.fieldManager = FieldConflict.consoleManager
        return ActionPlace(
            client: client,
            resource: resource,
            live: live,
            desired: manifests.desired
        )
    }
}

/// One object where actions are done to it, as whom they are done.
private struct ActionPlace: Sendable {
    let client: KubeClient
    let resource: APIResource
    let live: KubeObject
    let desired: KubeObject?

    func allows(_ action: ObjectAction.Name) async throws -> Bool {
        var attributes: JSON = [
            "namespace": .string(live.namespace), "name": .string(live.name),
            "group": .string(resource.gvr.group), "resource": .string(resource.gvr.resource),
            "verb": "patch",
        ]
        switch action {
        case .delete: attributes["verb"] = "delete"
        case .trigger:
            (attributes["verb"], attributes["resource"], attributes["name"]) = ("create", "jobs", nil)
        case .scale: attributes["subresource"] = "scale"
        case .restart, .suspend, .resume: break
        }
        let review: JSON = [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": ["resourceAttributes": attributes],
        ]
        let answer = try await client.send(
            APIRequest(.post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body: .json(review))
        )
        return answer.at("status", "allowed")?.bool ?? false
    }

    func perform(_ action: ObjectAction, by person: String, now: Double) async throws -> String {
        let said = "\(live.kind) \(live.name)"
        switch action {
        case .restart:
            let time = Timestamp(now).text
            let patch: JSON = [
                "spec": [
                    "template": [
                        "metadata": ["annotations": ["kubectl.kubernetes.io/restartedAt": .string(time)]]
                    ]
                ]
            ]
            _ = try await client.patch(resource, live.objectName, merge: patch)
        case .scale(let replicas):
            let patch: JSON = ["spec": ["replicas": .integer(Int64(replicas))]]
            _ = try await client.patch(resource, live.objectName, merge: patch, subresource: "scale")
        case .delete:
            try await client.delete(resource, live.objectName, uid: live.uid, propagation: .background)
        case .suspend, .resume:
            let patch: JSON = ["spec": ["suspend": .bool(action == .suspend)]]
            _ = try await client.patch(resource, live.objectName, merge: patch)
        case .trigger:
            let job = try await client.create(.jobs, manualJob(by: person, now: now))
            return "Job \(job.name)"
        }
        return said
    }

    /// What `kubectl create job --from=cronjob/…` makes.
    private func manualJob(by person: String, now: Double) -> KubeObject {
        let template = live.at("spec", "jobTemplate")
        var job = KubeObject(
            apiVersion: "batch/v1",
            kind: "Job",
            namespace: live.namespace,
            name: ActionOffer.jobName(live, now: now)
        )
        job.set(template?.at("metadata", "labels"), at: "metadata", "labels")
        job.set(template?.at("metadata", "annotations"), at: "metadata", "annotations")
        job.set("manual", at: "metadata", "annotations", "cronjob.kubernetes.io/instantiate")
        job.set(.array([KubeObject.ownerReference(of: live)]), at: "metadata", "ownerReferences")
        job["spec"] = template?["spec"] ?? [:]
        return job
    }
}

extension KubeObject {
    fileprivate static func ownerReference(of owner: KubeObject) -> JSON {
        [
            "apiVersion": .string(owner.apiVersion), "kind": .string(owner.kind), "name": .string(owner.name),
            "uid": .string(owner.uid), "controller": true, "blockOwnerDeletion": true,
        ]
    }
}
