import Crypto
package import KubeModel

/// How an application's objects are known again: a label to select them by, and an annotation in which each names itself.
package struct Tracking: Sendable, Hashable {
    package static let label = "varde.dev/application"
    package static let annotation = "varde.dev/tracking-id"
    /// On objects of the platform repository: the file they come from.
    package static let source = "varde.dev/source"

    package let application: ApplicationID
    /// The label's value: short, stable, and valid whatever the names are.
    package let value: String

    package init(_ application: ApplicationID) {
        self.application = application
        value = Self.value(for: application)
    }

    package static func value(for application: ApplicationID) -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in SHA256.hash(data: Array(application.description.utf8)).prefix(10) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    /// `<tenant>/<cluster>.<namespace>:<group>/<Kind>:<namespace>/<name>`; the core group and cluster scope are empty.
    package func id(of reference: ObjectReference) -> String {
        "\(application):\(reference.group)/\(reference.kind):\(reference.namespace)/\(reference.name)"
    }

    /// Whether an object is this application's own: a copy that another controller made of one carries the marks of the
    /// original, and is not.
    package func owns(_ object: KubeObject) -> Bool {
        object.label(Self.label) == value && object.annotation(Self.annotation) == id(of: object.reference)
    }

    /// Whether a field that somebody else owns holds a mark, or is the whole map that it is in: without it the object would
    /// be nobody's.
    static func isMark(_ field: String) -> Bool {
        [
            "metadata.labels", "metadata.labels.\(label)", "metadata.annotations",
            "metadata.annotations.\(annotation)",
        ]
        .contains(field)
    }

    /// Marks a manifest.
    package func mark(_ object: inout KubeObject, source: String?) {
        object.set(.string(value), at: "metadata", "labels", Self.label)
        object.set(.string(id(of: object.reference)), at: "metadata", "annotations", Self.annotation)
        if let source { object.set(.string(source), at: "metadata", "annotations", Self.source) }
    }

    /// Whether an object with any application's label names itself, so that it is somebody's own.
    package static func namesItself(_ object: KubeObject) -> Bool {
        guard object.label(label) != nil, let id = object.annotation(annotation) else { return false }
        let own = object.reference
        return id.hasSuffix(":\(own.group)/\(own.kind):\(own.namespace)/\(own.name)")
    }
}
