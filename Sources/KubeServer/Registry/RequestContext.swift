package import KubeModel

/// Who sends a request, after authentication and impersonation.
package struct UserInfo: Sendable, Hashable {
    package var name: String
    package var uid: String
    package var groups: [String]
    package var extra: [String: [String]]

    package init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// The identity of the cluster's own controllers and of Varde's administrators.
    package static let admin = UserInfo(
        name: "kubernetes-admin",
        groups: ["system:masters", "system:authenticated"]
    )
}

/// What a write needs to know about its request beside the object.
package struct WriteContext: Sendable {
    package enum FieldValidation: String, Sendable {
        case strict = "Strict", warn = "Warn", ignore = "Ignore"
    }

    package var user: UserInfo
    /// From the query, or else made from the User-Agent as Kubernetes does.
    package var fieldManager: String
    package var isDryRun: Bool
    package var fieldValidation: FieldValidation
    /// Of server-side apply.
    package var isForced: Bool

    package init(
        user: UserInfo,
        fieldManager: String,
        isDryRun: Bool = false,
        fieldValidation: FieldValidation = .warn,
        isForced: Bool = false
    ) {
        self.user = user
        self.fieldManager = fieldManager
        self.isDryRun = isDryRun
        self.fieldValidation = fieldValidation
        self.isForced = isForced
    }
}

/// What a verb of the registry answers.
package struct VerbResult: Sendable {
    /// 200, 201 or 202.
    package var status: Int
    /// The object, list or Status to answer, in the version that was asked for.
    package var body: JSON {
        get { object?.json ?? other }
        set {
            object = nil
            other = newValue
        }
    }
    /// The object, if it is one; with its bytes, if it is stored as it is answered.
    package var object: KubeObject?
    private var other: JSON = .null
    /// Texts for `Warning` headers.
    package var warnings: [String]

    package init(status: Int = 200, body: JSON, warnings: [String] = []) {
        self.status = status
        other = body
        self.warnings = warnings
    }

    package init(status: Int = 200, object: KubeObject, warnings: [String] = []) {
        self.status = status
        self.object = object
        self.warnings = warnings
    }
}
