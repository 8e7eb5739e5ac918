import KubeModel

extension KubeObject {
    /// The completion index of a pod of an indexed Job.
    var completionIndex: Int? { annotation(JobDecision.indexKey).flatMap { Int($0) } }

    /// Whether a Job has its last condition.
    var isJobFinished: Bool { condition("Complete")?.isTrue == true || condition("Failed")?.isTrue == true }

    /// When the last container of a pod ended; when the pod was made where that is unknown.
    var finishedAt: Timestamp {
        (at("status", "containerStatuses")?.array ?? [])
            .compactMap {
                $0.at("state", "terminated", "finishedAt")?.string.flatMap { Timestamp(parsing: $0) }
            }.max() ?? createdAt
    }

    /// Whether no container of a pod runs, or it never had a node.
    var stopped: Bool {
        nodeName.isEmpty
            || (at("status", "containerStatuses")?.array ?? []).allSatisfy {
                $0.at("state", "running") == nil
            }
    }
}
