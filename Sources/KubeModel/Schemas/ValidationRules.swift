/// What a custom resource's schema demands of a value beyond its type.
package struct ValidationRules: Sendable {
    /// `object`, `array`, `string`, `integer`, `number`, `boolean`; empty for any.
    package var type = ""
    package var format = ""
    package var isNullable = false
    package var preservesUnknownFields = false
    package var isEmbeddedResource = false
    package var isIntOrString = false
    package var allowed: [JSON]?
    package var minimum: Bound?
    package var maximum: Bound?
    package var multipleOf: Double?
    package var minLength: Int?
    package var maxLength: Int?
    package var pattern: String?
    package var minItems: Int?
    package var maxItems: Int?
    package var uniqueItems = false
    package var minProperties: Int?
    package var maxProperties: Int?
    package var allOf: [JSON] = []
    package var anyOf: [JSON] = []
    package var oneOf: [JSON] = []
    package var not: JSON?
    /// `x-kubernetes-validations`, as declared.
    package var expressions: [JSON] = []

    /// An end of a range.
    package struct Bound: Sendable {
        package var value: JSON
        package var isExclusive: Bool
    }
}
