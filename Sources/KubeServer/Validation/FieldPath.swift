/// Where a value is inside an object, as Kubernetes' messages name it: `spec.ports[0].name`, `data[a b]`.
///
/// Rendered only when an error needs it, so that validating a healthy object builds no strings.
indirect enum FieldPath: Sendable, CustomStringConvertible {
    case root
    case child(FieldPath, String)
    case element(FieldPath, Int)
    case key(FieldPath, String)

    init(_ names: String...) {
        self = names.reduce(.root) { .child($0, $1) }
    }

    subscript(name: String) -> FieldPath { .child(self, name) }
    subscript(index: Int) -> FieldPath { .element(self, index) }
    func key(_ key: String) -> FieldPath { .key(self, key) }

    var description: String {
        switch self {
        case .root: ""
        case .child(.root, let name): name
        case .child(let parent, let name): "\(parent).\(name)"
        case .element(let parent, let index): "\(parent)[\(index)]"
        case .key(let parent, let key): "\(parent)[\(key)]"
        }
    }
}
