import KubeModel

/// Makes the pods of a Job.
struct JobPods {
    let job: KubeObject

    func pod(index: Int?) -> KubeObject {
        var pod = PodFactory.pod(from: job.spec["template"] ?? [:], ownedBy: job)
        var labels = pod.labels
        for prefix in ["", "batch.kubernetes.io/"] {
            labels["\(prefix)job-name"] = job.name
            labels["\(prefix)controller-uid"] = job.uid
        }
        pod.set([.string(JobDecision.tracking)], at: "metadata", "finalizers")
        if let index {
            labels[JobDecision.indexKey] = String(index)
            pod.set(.string(String(index)), at: "metadata", "annotations", JobDecision.indexKey)
            pod.set(.string("\(job.name)-\(index)-"), at: "metadata", "generateName")
            pod.set(.string("\(job.name)-\(index)"), at: "spec", "hostname")
            for field in ["containers", "initContainers"] {
                guard case .array(var containers)? = pod.at("spec", field) else { continue }
                for place in containers.indices {
                    let path = "metadata.labels['\(JobDecision.indexKey)']"
                    let variable: JSON = [
                        "name": "JOB_COMPLETION_INDEX",
                        "valueFrom": ["fieldRef": ["fieldPath": .string(path)]],
                    ]
                    containers[place]["env"] = .array((containers[place]["env"]?.array ?? []) + [variable])
                }
                pod.set(.array(containers), at: "spec", field)
            }
        }
        pod.labels = labels
        return pod
    }
}
