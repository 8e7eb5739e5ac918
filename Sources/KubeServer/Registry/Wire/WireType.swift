import KubeModel

/// How a Kubernetes server reads a JSON value of one of its types and writes it again.
///
/// Built-in kinds pass through typed structures in Kubernetes: unknown members vanish, empty lists vanish, quantities are
/// respelled. These types describe that, so that what is stored here is what a real server would store.
enum WireType: Sendable {
    case string
    case integer(bits: Int)
    case number
    case bool
    case bytes
    case quantity
    case time
    case microTime
    case intOrString
    case any
    indirect case array(WireType)
    indirect case map(WireType)
    /// An index into ``WireSchema/objects``.
    case object(Int)
}

/// A structure: its members in order of their keys.
struct WireObject: Sendable {
    /// As Go's error messages name it: `PodSpec`.
    var name: String
    /// With its package: `v1.PodSpec`.
    var qualifiedName: String
    var keys: [String]
    var fields: [WireField]
}

/// A member of a structure.
struct WireField: Sendable {
    /// What is written when the member is missing, null or empty.
    enum Absence: Sendable {
        /// Nothing; what is given stays, save for empty lists and maps.
        case omit
        /// Nothing, also for `0`, `false` and `""`.
        case omitZero
        /// A value.
        case write(JSON)
    }

    var key: String
    var type: WireType
    var absence: Absence
}

/// All types of the built-in kinds.
struct WireSchema: Sendable {
    var objects: [WireObject]
    /// By the name of the OpenAPI component: `io.k8s.api.core.v1.Pod`.
    var byComponent: [String: Int]
    var byKind: [GroupVersionKind: Int]

    /// How Go names a type in messages.
    func goName(_ type: WireType) -> String {
        switch type {
        case .string: "string"
        case .integer(let bits): "int\(bits)"
        case .number: "float64"
        case .bool: "bool"
        case .bytes: "[]uint8"
        case .quantity: "resource.Quantity"
        case .time: "v1.Time"
        case .microTime: "v1.MicroTime"
        case .intOrString: "intstr.IntOrString"
        case .any: "interface {}"
        case .array(let element): "[]" + goName(element)
        case .map(let value): "map[string]" + goName(value)
        case .object(let index): objects[index].qualifiedName
        }
    }
}
