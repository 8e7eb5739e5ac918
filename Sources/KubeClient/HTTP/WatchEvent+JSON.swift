package import KubeModel

extension WatchEvent {
    /// From the JSON of a watch's line; `nil` for what is no event.
    package init?(_ json: JSON) {
        guard let type = json["type"]?.string, let object = json["object"] else { return nil }
        switch type {
        case "ADDED": self = .added(KubeObject(object))
        case "MODIFIED": self = .modified(KubeObject(object))
        case "DELETED": self = .deleted(KubeObject(object))
        case "BOOKMARK":
            let mark = KubeObject(object)
            let isEnd = mark.annotation("k8s.io/initial-events-end") == "true"
            self = .bookmark(resourceVersion: mark.resourceVersion, isInitialEnd: isEnd)
        case "ERROR": self = .error(StatusError(status: object, httpStatus: 500))
        default: return nil
        }
    }
}
