/// One place where a live object is not what applying a manifest would make of it.
package struct FieldDifference: Sendable, Hashable {
    /// Who set the live value last.
    package struct Owner: Sendable, Hashable {
        package let manager: String
        package let operation: ManagedFields.Operation
        /// RFC 3339; `nil` where managedFields do not say.
        package let time: String?
    }

    /// Whether the difference is one, as far as can be known without the server.
    package enum Certainty: Sendable, Hashable {
        case certain
        /// The live value has all that is wanted and more, inside of a list or map that is replaced as a whole: the
        /// rest may be the server's defaults. A dry run tells.
        case mayBeDefaults
    }

    package let place: FieldPath
    package let live: JSON?
    /// `nil` for a field that the apply would remove.
    package let desired: JSON?
    package let owner: Owner?
    package let certainty: Certainty

    /// `spec.template.spec.containers[name=web].image`.
    package var path: String { place.plainText }
}

extension FieldPath {
    /// As people write it: without the leading dot and without quotes.
    package var plainText: String {
        var text = ""
        for element in elements {
            switch element {
            case .field(let name): text += (text.isEmpty ? "" : ".") + name
            case .item(let item):
                if let keys = element.keys {
                    let pairs = keys.map { "\($0)=\($1.string ?? $1.text)" }
                    text += "[" + pairs.joined(separator: ",") + "]"
                } else if let value = element.value {
                    text += "[\(value.string ?? value.text)]"
                } else {
                    text += "[\(item.dropFirst(2))]"
                }
            }
        }
        return text
    }
}

extension FieldSet {
    /// The members that are below no other member.
    package var topmost: FieldSet {
        FieldSet(
            sorted: nodes.map { node in
                node.isMember
                    ? Node(element: node.element, isMember: true, children: FieldSet())
                    : Node(element: node.element, isMember: false, children: node.children.topmost)
            }
        )
    }
}

extension JSON {
    /// The value at a place; items of lists are found as the schema names them.
    package func value(at path: FieldPath, _ schema: Schema) -> JSON? {
        var value = self
        var schema = schema
        for element in path.elements {
            switch (element, value) {
            case (.field(let name), .object(let object)):
                guard let next = object[name] else { return nil }
                value = next
                schema = schema.member(name) ?? .deduced
            case (.item, .array(let items)):
                guard let next = items.first(where: { (try? schema.element(for: $0)) == element }) else {
                    return nil
                }
                value = next
                schema = schema.items ?? .untyped
            default: return nil
            }
        }
        return value
    }
}
