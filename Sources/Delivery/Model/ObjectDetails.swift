package import KubeModel

/// How one object differs from what its commit says.
package struct ObjectDiff: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        /// For example `spec.template.spec.containers[name=web].image`.
        package var path: String
        package var live: JSON?
        package var desired: JSON?
        /// The field manager that set the live value, and when, where known.
        package var manager: String?
        package var time: String?

        package init(path: String, live: JSON?, desired: JSON?, manager: String? = nil, time: String? = nil) {
            self.path = path
            self.live = live
            self.desired = desired
            self.manager = manager
            self.time = time
        }
    }

    package var object: String
    package var action: SyncStep.Action
    package var reason: String
    package var fields: [Field]

    package init(object: String, action: SyncStep.Action, reason: String, fields: [Field]) {
        self.object = object
        self.action = action
        self.reason = reason
        self.fields = fields
    }
}

/// A Kubernetes event, about an object of an application.
package struct ObjectEvent: Sendable, Hashable {
    /// RFC 3339.
    package var time: String
    /// `Normal` or `Warning`.
    package var type: String
    package var reason: String
    package var object: String
    package var message: String
    package var count: Int

    package init(time: String, type: String, reason: String, object: String, message: String, count: Int) {
        self.time = time
        self.type = type
        self.reason = reason
        self.object = object
        self.message = message
        self.count = count
    }
}

/// One object as it is and as it should be.
package struct ObjectManifests: Sendable, Hashable {
    package var live: KubeObject?
    package var desired: KubeObject?
    package var origin: String?

    package init(live: KubeObject?, desired: KubeObject?, origin: String?) {
        self.live = live
        self.desired = desired
        self.origin = origin
    }
}
