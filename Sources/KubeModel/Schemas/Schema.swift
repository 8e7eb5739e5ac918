import Algorithms

/// What is known of the values at one place of an object: their type, how they are merged, defaulted and checked.
///
/// A node of a graph: built-in types refer to each other, some to themselves. ``ServerSideApply``, ``ApplyPreview`` and
/// ``StrategicMergePatch`` are driven by it.
///
/// `@unchecked Sendable`: nodes change only while a ``SchemaCatalog`` or a custom resource's schema is built, before
/// anybody else can have a reference to them.
package final class Schema: @unchecked Sendable {
    /// A scalar, as far as merging has to know.
    enum Scalar: Sendable {
        case string, numeric, boolean, untyped
    }

    /// How a list is merged.
    package enum ListType: Sendable, Hashable {
        case atomic
        case set
        case map(keys: [String])
    }

    /// What a value is made of once its type is known.
    enum Shape {
        case map, list, scalar
    }

    /// What a string or number means beyond its JSON type.
    package enum Meaning: Sendable {
        case plain, quantity, time, microTime, intOrString, bytes
    }

    // MARK: Types

    /// `nil` when no scalar is allowed here.
    var scalar: Scalar?
    var allowsList = false
    var allowsMap = false
    package internal(set) var meaning = Meaning.plain

    // MARK: Maps

    /// Declared members, sorted by name.
    package internal(set) var fieldNames: [String] = []
    package internal(set) var fields: [Schema] = []
    /// The schema of members that are not declared; `nil` when there may be none.
    package internal(set) var additional: Schema?
    /// Whether the map is replaced as a whole.
    package internal(set) var isAtomicMap = false
    /// The members that must be there, as declared.
    package internal(set) var required: [String] = []

    // MARK: Lists

    package internal(set) var items: Schema?
    package internal(set) var listType = ListType.atomic

    // MARK: Strategic merge patch

    package internal(set) var patchStrategies: Set<String> = []
    package internal(set) var patchMergeKey: String?

    // MARK: Defaults

    package internal(set) var defaultValue: JSON?

    /// The kind that built-in schemas are named by, `DeploymentSpec`.
    package internal(set) var typeName = ""

    init() {}

    /// The schema of a member; of the additional ones if it is not declared; `nil` if there is none.
    package func member(_ name: String) -> Schema? { field(name) ?? additional }

    /// The schema of a declared member.
    package func field(_ name: String) -> Schema? {
        let place = fieldNames.partitioningIndex { $0 >= name }
        return place < fieldNames.count && fieldNames[place] == name ? fields[place] : nil
    }

    /// The schema at a path of member names; through list items where a name meets a list.
    package func at(_ path: String...) -> Schema? {
        var schema: Schema? = self
        for name in path { schema = schema?.member(name) ?? schema?.items?.member(name) }
        return schema
    }

    /// What a value is treated as: its own type where that is allowed, else what is.
    func shape(of value: JSON?) -> Shape {
        switch value {
        case .bool, .integer, .double, .number, .string: if scalar != nil { return .scalar }
        case .array: if allowsList { return .list }
        case .object: if allowsMap { return .map }
        case .null, nil: break
        }
        return allowsMap ? .map : scalar != nil ? .scalar : .list
    }
}

// MARK: - Types that every schema may use

extension Schema {
    /// Any value, replaced as a whole.
    static let untyped: Schema = {
        let schema = Schema()
        schema.scalar = .untyped
        schema.allowsList = true
        schema.allowsMap = true
        schema.isAtomicMap = true
        schema.additional = schema
        schema.items = schema
        return schema
    }()

    /// Any value; objects are merged member by member, lists are replaced.
    ///
    /// What is merged without a schema is merged so.
    package static let deduced: Schema = {
        let schema = Schema()
        schema.scalar = .untyped
        schema.allowsList = true
        schema.allowsMap = true
        schema.additional = schema
        schema.items = untyped
        return schema
    }()

    static func scalar(_ scalar: Scalar, _ meaning: Meaning = .plain) -> Schema {
        let schema = Schema()
        schema.scalar = scalar
        schema.meaning = meaning
        return schema
    }
}
